//! Rows for services, queues and terminals: what starts a program apart from the shell that asks.

use super::{NONE, Rest, Where, Wrapper};

/// The rows; those of one name with subcommands come before its row without.
pub(super) const ROWS: &[Wrapper] = &[
    Wrapper { names: "ts", options: "-i -s -m -r -n -f -g -d -B -E -L= -N= -D= -S= -O=", ..NONE },
    Wrapper {
        names: "ifne qemu-x86_64 qemu-aarch64 qemu-i386",
        options: "-n -L= -cpu= -E= -U= -strace",
        ..NONE
    },
    Wrapper { names: "trickle", options: "-d= -u= -w= -t= -l= -n= -p= -s -h -v -V", ..NONE },
    Wrapper { names: "daemonize", options: "-a -c= -e= -o= -p= -l= -u= -E= -v", directory: "-c", ..NONE },
    Wrapper {
        names: "retry",
        options: "-d= --delay= -t= --times= -u= --until= -w= --while= -v --verbose",
        ..NONE
    },
    Wrapper {
        names: "uclampset",
        options: "-m= -M= -a --all-tasks -p= --pid= -s --system -R",
        quiet: "-p",
        ..NONE
    },
    Wrapper { names: "s6-setuidgid s6-envuidgid s6-envdir envdir setlock", operands: 1, ..NONE },
    Wrapper {
        names: "s6-softlimit softlimit",
        options: "-a= -c= -d= -f= -l= -m= -o= -p= -r= -s= -t= -h= -H -S",
        ..NONE
    },
    Wrapper {
        names: "envconsul",
        options: "-config= -prefix= -secret= -service= -once -pristine -sanitize -upcase -no-prefix -vault-addr= \
            -vault-token= -consul-addr= -log-level= -kill-signal= -exec=",
        shell: "-exec",
        ..NONE
    },
    Wrapper { names: "overmind", subs: "run", ..NONE },
    Wrapper {
        names: "capsh",
        options: "--drop= --caps= --user= --uid= --gid= --groups= --keep= --secbits= --chroot= --inh= --iab= --addamb= \
            --print --shell= --mode=",
        root: "--chroot",
        rest: Rest::Under("bash"),
        ..NONE
    },
    Wrapper {
        names: "machinectl",
        subs: "shell",
        globals: "--uid= -E= --setenv= -M= --machine= -H= --host= -q --quiet",
        operands: 1,
        bare: "*",
        place: Where::Privileged,
        ..NONE
    },
    Wrapper {
        names: "wezterm kitten",
        subs: "start|cli spawn|@ launch",
        options: "--cwd= --new-window --pane-id= --workspace= --class= --domain= --always-new-process --type= --title= \
            --hold --keep-focus --copy-env --location=",
        directory: "--cwd",
        ..NONE
    },
    Wrapper {
        names: "kitty",
        subs: "@ launch",
        options: "--cwd= --type= --title= --hold --keep-focus --copy-env --location= --match= -m= --to=",
        directory: "--cwd",
        ..NONE
    },
    Wrapper {
        names: "zellij",
        subs: "run|action new-pane|action new-tab",
        options: "-c --close-on-exit --cwd= -d= --direction= -f --floating -i --in-place -n= --name= -s \
            --start-suspended -x= -y= --height= --width= --pinned= --stacked -l= --layout=",
        directory: "--cwd",
        ..NONE
    },
    Wrapper { names: "zellij", subs: "action write-chars", joined_if: "*", ..NONE },
    Wrapper {
        names: "flatpak",
        subs: "run",
        options: "--command= --user --system --branch= --arch= -d --devel --filesystem= --share= --unshare= --socket= \
            --device= --env= --cwd= --runtime= --die-with-parent --file-forwarding -v",
        operands: 1,
        program: "--command",
        needs: "--command",
        directory: "--cwd",
        ..NONE
    },
];
