# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_guard_global_optspecs
    string join \n h/help V/version
end

function __fish_guard_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_guard_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_guard_using_subcommand
    set -l cmd (__fish_guard_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c guard -n "__fish_guard_needs_command" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_needs_command" -F
complete -c guard -n "__fish_guard_needs_command" -s V -l version -d 'Print version'
complete -c guard -n "__fish_guard_needs_command" -f -a "allow" -d 'Except something from a rule for a while; a human alone can, at a terminal, with their passphrase'
complete -c guard -n "__fish_guard_needs_command" -f -a "approve" -d 'Say yes to a ticket; a human alone can, at a terminal, with their passphrase'
complete -c guard -n "__fish_guard_needs_command" -f -a "check" -d 'Judge a command line or scripts, and run nothing'
complete -c guard -n "__fish_guard_needs_command" -f -a "explain" -d 'Show what a command line would do, and how it is judged; run nothing'
complete -c guard -n "__fish_guard_needs_command" -f -a "config" -d 'Show the configuration'
complete -c guard -n "__fish_guard_needs_command" -f -a "doctor" -d 'Tell which layers of protection are on here, what that leaves open, and what to do'
complete -c guard -n "__fish_guard_needs_command" -f -a "exceptions" -d 'List what a human excepted from rules, or end an exception; anyone can'
complete -c guard -n "__fish_guard_needs_command" -f -a "freeze" -d 'Freeze deployments, databases, infrastructure or shared repositories; a human alone can, at a terminal'
complete -c guard -n "__fish_guard_needs_command" -f -a "log" -d 'Show or verify the log of what ran and what was refused'
complete -c guard -n "__fish_guard_needs_command" -f -a "off" -d 'Turn guard off for a while; a human alone can, at a terminal'
complete -c guard -n "__fish_guard_needs_command" -f -a "on" -d 'Turn guard on again; anyone can'
complete -c guard -n "__fish_guard_needs_command" -f -a "pending" -d 'List the tickets that are open'
complete -c guard -n "__fish_guard_needs_command" -f -a "refuse" -d 'Say no to a ticket; a human alone can, at a terminal'
complete -c guard -n "__fish_guard_needs_command" -f -a "rules" -d 'List, explain or test rules'
complete -c guard -n "__fish_guard_needs_command" -f -a "setup" -d 'Make the key that your yes is signed with; a human alone can, at a terminal'
complete -c guard -n "__fish_guard_needs_command" -f -a "shims" -d 'Make links named like shells, and print what makes them an editor\'s, an agent\'s or your shell'
complete -c guard -n "__fish_guard_needs_command" -f -a "status" -d 'Show which shell, rules and log are in use'
complete -c guard -n "__fish_guard_needs_command" -f -a "thaw" -d 'End what `guard freeze` began; a human alone can, at a terminal'
complete -c guard -n "__fish_guard_needs_command" -f -a "trust" -d 'Trust a project\'s rule files as they are; a human alone can, at a terminal, with their passphrase'
complete -c guard -n "__fish_guard_needs_command" -f -a "version" -d 'Print the version'
complete -c guard -n "__fish_guard_needs_command" -f -a "watch" -d 'Show what waits for your decision, in all sessions, and take it; a human alone can, at a terminal'
complete -c guard -n "__fish_guard_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c guard -n "__fish_guard_using_subcommand allow" -l path -d 'Where: this directory and all below it; `/` for everywhere; without it, the current one' -r -F
complete -c guard -n "__fish_guard_using_subcommand allow" -l on -d 'Only where just this would be hit, as `guard check` names it: `main`' -r
complete -c guard -n "__fish_guard_using_subcommand allow" -l until -d 'When it ends, at most 90 days from now: `2h`, `18:00`, `2026-12-01`' -r
complete -c guard -n "__fish_guard_using_subcommand allow" -l reason -d 'Why, for the log and for who looks later' -r
complete -c guard -n "__fish_guard_using_subcommand allow" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c guard -n "__fish_guard_using_subcommand approve" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c guard -n "__fish_guard_using_subcommand check" -s f -l script -d 'Judge script files, each as its first line says; with --json one verdict a line' -r -F
complete -c guard -n "__fish_guard_using_subcommand check" -l json -d 'Print the verdict as JSON'
complete -c guard -n "__fish_guard_using_subcommand check" -l jsonl -d 'Read one `{"id","cmd","cwd"?,"env"?}` a line from standard input, and print one verdict a line; the exit code is 0 whatever they are. Without `cwd` nobody says where the line runs, and nothing of the current directory counts: a repository, a database, a credential, and what is deleted with all below it or destroyed for good, count as there'
complete -c guard -n "__fish_guard_using_subcommand check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c guard -n "__fish_guard_using_subcommand explain" -s f -l file -d 'Explain a script file' -r -F
complete -c guard -n "__fish_guard_using_subcommand explain" -l json -d 'Print it as JSON'
complete -c guard -n "__fish_guard_using_subcommand explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c guard -n "__fish_guard_using_subcommand config; and not __fish_seen_subcommand_from show path edit help" -l default -d 'Print a guard.toml that says what holds without one'
complete -c guard -n "__fish_guard_using_subcommand config; and not __fish_seen_subcommand_from show path edit help" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand config; and not __fish_seen_subcommand_from show path edit help" -f -a "show" -d 'Print the settings of each file that is read'
complete -c guard -n "__fish_guard_using_subcommand config; and not __fish_seen_subcommand_from show path edit help" -f -a "path" -d 'Print the places where files are looked for'
complete -c guard -n "__fish_guard_using_subcommand config; and not __fish_seen_subcommand_from show path edit help" -f -a "edit" -d 'Change a guard.toml in your editor; it is saved only where guard can read it'
complete -c guard -n "__fish_guard_using_subcommand config; and not __fish_seen_subcommand_from show path edit help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c guard -n "__fish_guard_using_subcommand config; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand config; and __fish_seen_subcommand_from path" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand config; and __fish_seen_subcommand_from edit" -l system -d 'The machine\'s, /etc/guard/guard.toml'
complete -c guard -n "__fish_guard_using_subcommand config; and __fish_seen_subcommand_from edit" -l project -d 'The project\'s, .guard/guard.toml'
complete -c guard -n "__fish_guard_using_subcommand config; and __fish_seen_subcommand_from edit" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "show" -d 'Print the settings of each file that is read'
complete -c guard -n "__fish_guard_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "path" -d 'Print the places where files are looked for'
complete -c guard -n "__fish_guard_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "edit" -d 'Change a guard.toml in your editor; it is saved only where guard can read it'
complete -c guard -n "__fish_guard_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c guard -n "__fish_guard_using_subcommand doctor" -l json -d 'As JSON'
complete -c guard -n "__fish_guard_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c guard -n "__fish_guard_using_subcommand exceptions; and not __fish_seen_subcommand_from end help" -l json -d 'As JSON'
complete -c guard -n "__fish_guard_using_subcommand exceptions; and not __fish_seen_subcommand_from end help" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand exceptions; and not __fish_seen_subcommand_from end help" -f -a "end" -d 'End exceptions before their time'
complete -c guard -n "__fish_guard_using_subcommand exceptions; and not __fish_seen_subcommand_from end help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c guard -n "__fish_guard_using_subcommand exceptions; and __fish_seen_subcommand_from end" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand exceptions; and __fish_seen_subcommand_from help" -f -a "end" -d 'End exceptions before their time'
complete -c guard -n "__fish_guard_using_subcommand exceptions; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c guard -n "__fish_guard_using_subcommand freeze" -l until -d 'When it ends: `2h`, `18:00`, `2026-12-01`, `2026-12-01 08:00`; without it, when it is thawed' -r
complete -c guard -n "__fish_guard_using_subcommand freeze" -l scope -d 'What is frozen' -r -f -a "all\t''
deploy\t''
database\t''
infrastructure\t''
git-remote\t''"
complete -c guard -n "__fish_guard_using_subcommand freeze" -l reason -d 'Why, for those who are refused' -r
complete -c guard -n "__fish_guard_using_subcommand freeze" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c guard -n "__fish_guard_using_subcommand log; and not __fish_seen_subcommand_from verify help" -s n -d 'Only the last N records' -r
complete -c guard -n "__fish_guard_using_subcommand log; and not __fish_seen_subcommand_from verify help" -l json -d 'Print the records as JSON lines'
complete -c guard -n "__fish_guard_using_subcommand log; and not __fish_seen_subcommand_from verify help" -s f -l follow -d 'Go on printing what comes'
complete -c guard -n "__fish_guard_using_subcommand log; and not __fish_seen_subcommand_from verify help" -l would-hold -d 'Only what ran because guard observed or was off, and would have been held or refused'
complete -c guard -n "__fish_guard_using_subcommand log; and not __fish_seen_subcommand_from verify help" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand log; and not __fish_seen_subcommand_from verify help" -f -a "verify" -d 'Tell whether the log is whole'
complete -c guard -n "__fish_guard_using_subcommand log; and not __fish_seen_subcommand_from verify help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from help" -f -a "verify" -d 'Tell whether the log is whole'
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c guard -n "__fish_guard_using_subcommand off" -l for -d 'For how long, at most 8 hours: `10m`, `1h 30m`' -r
complete -c guard -n "__fish_guard_using_subcommand off" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c guard -n "__fish_guard_using_subcommand on" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand pending" -l json -d 'As JSON'
complete -c guard -n "__fish_guard_using_subcommand pending" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand refuse" -s m -l message -d 'What the agent gets to read when it tries again: `use the staging database`' -r
complete -c guard -n "__fish_guard_using_subcommand refuse" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c guard -n "__fish_guard_using_subcommand rules; and not __fish_seen_subcommand_from list show test help" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand rules; and not __fish_seen_subcommand_from list show test help" -f -a "list" -d 'List the rules that are in force'
complete -c guard -n "__fish_guard_using_subcommand rules; and not __fish_seen_subcommand_from list show test help" -f -a "show" -d 'Say what a rule is about, why, and what to do instead'
complete -c guard -n "__fish_guard_using_subcommand rules; and not __fish_seen_subcommand_from list show test help" -f -a "test" -d 'Hold rules against their own examples: the built-in packs and yours, or these files'
complete -c guard -n "__fish_guard_using_subcommand rules; and not __fish_seen_subcommand_from list show test help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c guard -n "__fish_guard_using_subcommand rules; and __fish_seen_subcommand_from list" -l json -d 'As JSON'
complete -c guard -n "__fish_guard_using_subcommand rules; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand rules; and __fish_seen_subcommand_from show" -f -a "(guard rules list 2>/dev/null | string split -f1 ' ')"
complete -c guard -n "__fish_guard_using_subcommand rules; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand rules; and __fish_seen_subcommand_from test" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand rules; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the rules that are in force'
complete -c guard -n "__fish_guard_using_subcommand rules; and __fish_seen_subcommand_from help" -f -a "show" -d 'Say what a rule is about, why, and what to do instead'
complete -c guard -n "__fish_guard_using_subcommand rules; and __fish_seen_subcommand_from help" -f -a "test" -d 'Hold rules against their own examples: the built-in packs and yours, or these files'
complete -c guard -n "__fish_guard_using_subcommand rules; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c guard -n "__fish_guard_using_subcommand setup" -l new -d 'Make another key; the old one counts no more'
complete -c guard -n "__fish_guard_using_subcommand setup" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c guard -n "__fish_guard_using_subcommand shims" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand status" -l json -d 'As JSON'
complete -c guard -n "__fish_guard_using_subcommand status" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand thaw" -l scope -d 'What is thawed' -r -f -a "all\t''
deploy\t''
database\t''
infrastructure\t''
git-remote\t''"
complete -c guard -n "__fish_guard_using_subcommand thaw" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c guard -n "__fish_guard_using_subcommand trust" -l end -d 'Trust it no more; anyone can'
complete -c guard -n "__fish_guard_using_subcommand trust" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c guard -n "__fish_guard_using_subcommand version" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand watch" -l plain -d 'Print line by line, in plain sentences, instead of filling the screen'
complete -c guard -n "__fish_guard_using_subcommand watch" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c guard -n "__fish_guard_using_subcommand help; and not __fish_seen_subcommand_from allow approve check explain config doctor exceptions freeze log off on pending refuse rules setup shims status thaw trust version watch help" -f -a "allow" -d 'Except something from a rule for a while; a human alone can, at a terminal, with their passphrase'
complete -c guard -n "__fish_guard_using_subcommand help; and not __fish_seen_subcommand_from allow approve check explain config doctor exceptions freeze log off on pending refuse rules setup shims status thaw trust version watch help" -f -a "approve" -d 'Say yes to a ticket; a human alone can, at a terminal, with their passphrase'
complete -c guard -n "__fish_guard_using_subcommand help; and not __fish_seen_subcommand_from allow approve check explain config doctor exceptions freeze log off on pending refuse rules setup shims status thaw trust version watch help" -f -a "check" -d 'Judge a command line or scripts, and run nothing'
complete -c guard -n "__fish_guard_using_subcommand help; and not __fish_seen_subcommand_from allow approve check explain config doctor exceptions freeze log off on pending refuse rules setup shims status thaw trust version watch help" -f -a "explain" -d 'Show what a command line would do, and how it is judged; run nothing'
complete -c guard -n "__fish_guard_using_subcommand help; and not __fish_seen_subcommand_from allow approve check explain config doctor exceptions freeze log off on pending refuse rules setup shims status thaw trust version watch help" -f -a "config" -d 'Show the configuration'
complete -c guard -n "__fish_guard_using_subcommand help; and not __fish_seen_subcommand_from allow approve check explain config doctor exceptions freeze log off on pending refuse rules setup shims status thaw trust version watch help" -f -a "doctor" -d 'Tell which layers of protection are on here, what that leaves open, and what to do'
complete -c guard -n "__fish_guard_using_subcommand help; and not __fish_seen_subcommand_from allow approve check explain config doctor exceptions freeze log off on pending refuse rules setup shims status thaw trust version watch help" -f -a "exceptions" -d 'List what a human excepted from rules, or end an exception; anyone can'
complete -c guard -n "__fish_guard_using_subcommand help; and not __fish_seen_subcommand_from allow approve check explain config doctor exceptions freeze log off on pending refuse rules setup shims status thaw trust version watch help" -f -a "freeze" -d 'Freeze deployments, databases, infrastructure or shared repositories; a human alone can, at a terminal'
complete -c guard -n "__fish_guard_using_subcommand help; and not __fish_seen_subcommand_from allow approve check explain config doctor exceptions freeze log off on pending refuse rules setup shims status thaw trust version watch help" -f -a "log" -d 'Show or verify the log of what ran and what was refused'
complete -c guard -n "__fish_guard_using_subcommand help; and not __fish_seen_subcommand_from allow approve check explain config doctor exceptions freeze log off on pending refuse rules setup shims status thaw trust version watch help" -f -a "off" -d 'Turn guard off for a while; a human alone can, at a terminal'
complete -c guard -n "__fish_guard_using_subcommand help; and not __fish_seen_subcommand_from allow approve check explain config doctor exceptions freeze log off on pending refuse rules setup shims status thaw trust version watch help" -f -a "on" -d 'Turn guard on again; anyone can'
complete -c guard -n "__fish_guard_using_subcommand help; and not __fish_seen_subcommand_from allow approve check explain config doctor exceptions freeze log off on pending refuse rules setup shims status thaw trust version watch help" -f -a "pending" -d 'List the tickets that are open'
complete -c guard -n "__fish_guard_using_subcommand help; and not __fish_seen_subcommand_from allow approve check explain config doctor exceptions freeze log off on pending refuse rules setup shims status thaw trust version watch help" -f -a "refuse" -d 'Say no to a ticket; a human alone can, at a terminal'
complete -c guard -n "__fish_guard_using_subcommand help; and not __fish_seen_subcommand_from allow approve check explain config doctor exceptions freeze log off on pending refuse rules setup shims status thaw trust version watch help" -f -a "rules" -d 'List, explain or test rules'
complete -c guard -n "__fish_guard_using_subcommand help; and not __fish_seen_subcommand_from allow approve check explain config doctor exceptions freeze log off on pending refuse rules setup shims status thaw trust version watch help" -f -a "setup" -d 'Make the key that your yes is signed with; a human alone can, at a terminal'
complete -c guard -n "__fish_guard_using_subcommand help; and not __fish_seen_subcommand_from allow approve check explain config doctor exceptions freeze log off on pending refuse rules setup shims status thaw trust version watch help" -f -a "shims" -d 'Make links named like shells, and print what makes them an editor\'s, an agent\'s or your shell'
complete -c guard -n "__fish_guard_using_subcommand help; and not __fish_seen_subcommand_from allow approve check explain config doctor exceptions freeze log off on pending refuse rules setup shims status thaw trust version watch help" -f -a "status" -d 'Show which shell, rules and log are in use'
complete -c guard -n "__fish_guard_using_subcommand help; and not __fish_seen_subcommand_from allow approve check explain config doctor exceptions freeze log off on pending refuse rules setup shims status thaw trust version watch help" -f -a "thaw" -d 'End what `guard freeze` began; a human alone can, at a terminal'
complete -c guard -n "__fish_guard_using_subcommand help; and not __fish_seen_subcommand_from allow approve check explain config doctor exceptions freeze log off on pending refuse rules setup shims status thaw trust version watch help" -f -a "trust" -d 'Trust a project\'s rule files as they are; a human alone can, at a terminal, with their passphrase'
complete -c guard -n "__fish_guard_using_subcommand help; and not __fish_seen_subcommand_from allow approve check explain config doctor exceptions freeze log off on pending refuse rules setup shims status thaw trust version watch help" -f -a "version" -d 'Print the version'
complete -c guard -n "__fish_guard_using_subcommand help; and not __fish_seen_subcommand_from allow approve check explain config doctor exceptions freeze log off on pending refuse rules setup shims status thaw trust version watch help" -f -a "watch" -d 'Show what waits for your decision, in all sessions, and take it; a human alone can, at a terminal'
complete -c guard -n "__fish_guard_using_subcommand help; and not __fish_seen_subcommand_from allow approve check explain config doctor exceptions freeze log off on pending refuse rules setup shims status thaw trust version watch help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c guard -n "__fish_guard_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "show" -d 'Print the settings of each file that is read'
complete -c guard -n "__fish_guard_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "path" -d 'Print the places where files are looked for'
complete -c guard -n "__fish_guard_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "edit" -d 'Change a guard.toml in your editor; it is saved only where guard can read it'
complete -c guard -n "__fish_guard_using_subcommand help; and __fish_seen_subcommand_from exceptions" -f -a "end" -d 'End exceptions before their time'
complete -c guard -n "__fish_guard_using_subcommand help; and __fish_seen_subcommand_from log" -f -a "verify" -d 'Tell whether the log is whole'
complete -c guard -n "__fish_guard_using_subcommand help; and __fish_seen_subcommand_from rules" -f -a "list" -d 'List the rules that are in force'
complete -c guard -n "__fish_guard_using_subcommand help; and __fish_seen_subcommand_from rules" -f -a "show" -d 'Say what a rule is about, why, and what to do instead'
complete -c guard -n "__fish_guard_using_subcommand help; and __fish_seen_subcommand_from rules" -f -a "test" -d 'Hold rules against their own examples: the built-in packs and yours, or these files'
