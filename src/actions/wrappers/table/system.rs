//! Rows for users, limits, tracers and other system tools.

use super::{NONE, Rest, Where, Wrapper};

const SU: &str = "-u= --user= -c= --command= --session-command= - -l --login -m -p --preserve-environment -w= \
    --whitelist-environment= -g= --group= -G= --supp-group= -f --fast -s= --shell= -P --pty -T --no-pty -h --help \
    -V --version";

/// The rows; those of one name with subcommands come before its row without.
pub(super) const ROWS: &[Wrapper] = &[
    Wrapper {
        names: "nohup builtin noglob nocorrect chronic eatmydata ccache sccache distcc nocache gamemoderun mangohud \
            optirun primusrun catchsegv torify tsp nq cross-env grc busybox toybox coreutils fakechroot with-contenv \
            vault-env xdg-terminal-exec uwsm-app dbus-launch",
        options: "--help --version --list --install --list-full --coreutils-prog= --coreutils-prog-shebang= --exit-with-session",
        program: "--coreutils-prog --coreutils-prog-shebang",
        assignments: true,
        quiet: "--list --list-full --install --help --version",
        ..NONE
    },
    Wrapper {
        names: "sudo",
        options: "-A --askpass -b --background -B --bell -C= --close-from= -D= --chdir= -E --preserve-env? -e --edit \
            -g= --group= -H --set-home --help -h= --host= -i --login -K --remove-timestamp -k --reset-timestamp -l \
            --list -N --no-update -n --non-interactive -P --preserve-groups -p= --prompt= -R= --chroot= -r= --role= \
            -S --stdin -s --shell -t= --type= -T= --command-timeout= -U= --other-user= -u= --user= -V --version -v \
            --validate -a= --auth-type= -c= --login-class=",
        assignments: true,
        quiet: "-e --edit -l --list -V --version -v --validate -K --remove-timestamp --help",
        bare: "-s --shell -i --login",
        directory: "-D --chdir",
        root: "-R --chroot",
        place: Where::Privileged,
        ..NONE
    },
    Wrapper {
        names: "doas",
        options: "-C= -L -n -s -u= -a=",
        quiet: "-C -L",
        bare: "-s",
        place: Where::Privileged,
        ..NONE
    },
    Wrapper { names: "command", options: "-p -v -V", quiet: "-v -V", ..NONE },
    Wrapper { names: "exec", options: "-a= -c -l", told: "-a", ..NONE },
    Wrapper { names: "setsid", options: "-c --ctty -f --fork -w --wait -h --help -V --version", ..NONE },
    Wrapper {
        names: "timeout",
        options: "-k= --kill-after= -s= --signal= -v --verbose -p --preserve-status -f --foreground --help --version",
        operands: 1,
        ..NONE
    },
    Wrapper { names: "nice", options: "-n= --adjustment= -# --help --version", ..NONE },
    Wrapper {
        names: "ionice",
        options: "-c= --class= -n= --classdata= -p= --pid= -P= --pgid= -t --ignore -u= --uid= -h --help -V --version",
        quiet: "-p --pid -P --pgid -u --uid",
        ..NONE
    },
    Wrapper {
        names: "chrt",
        options: "-b --batch -d --deadline -e --ext -f --fifo -i --idle -o --other -r --rr -R --reset-on-fork -T= \
            --sched-runtime= -P= --sched-period= -D= --sched-deadline= -a --all-tasks -m --max -p --pid -v --verbose",
        operands: 1,
        operand_is: "#",
        quiet: "-p --pid -m --max",
        ..NONE
    },
    Wrapper {
        names: "taskset",
        options: "-a --all-tasks -p --pid -c --cpu-list",
        operands: 1,
        quiet: "-p --pid",
        ..NONE
    },
    Wrapper { names: "stdbuf", options: "-i= --input= -o= --output= -e= --error=", ..NONE },
    Wrapper {
        names: "time",
        options: "-f= --format= -o= --output= -a --append -p --portability -v --verbose -q --quiet -l -h --help -V \
            --version",
        ..NONE
    },
    Wrapper {
        names: "chroot",
        options: "--groups= --userspec= --skip-chdir -u= -g= -G= -n --help --version",
        operands: 1,
        bare: "*",
        place: Where::Container,
        ..NONE
    },
    Wrapper {
        names: "unshare",
        options: "-m? --mount? -u? --uts? -i? --ipc? -n? --net? -p? --pid? -U? --user? -C? --cgroup? -T? --time? -f \
            --fork --map-user= --map-group= -r --map-root-user -c --map-current-user --map-auto --map-users= \
            --map-groups= --kill-child? --mount-proc? --mount-binfmt? --propagation= --setgroups= --keep-caps -R= \
            --root= -w= --wd= -S= --setuid= -G= --setgid= -l= --load-interp= --monotonic= --boottime= --owner= \
            --forward-signals -h --help -V --version",
        bare: "*",
        directory: "-w --wd",
        root: "-R --root",
        ..NONE
    },
    Wrapper {
        names: "nsenter",
        options: "-a --all -t= --target= -m? --mount? -u? --uts? -i? --ipc? -n? --net? -N= --net-socket= -p? --pid? \
            -C? --cgroup? -U? --user? -T? --time? --user-parent -S= --setuid= -G= --setgid= --preserve-credentials \
            --keep-caps -r? --root? -w? --wd? -W= --wdns= -e --env -F --no-fork -c --join-cgroup -Z \
            --follow-context -h --help -V --version",
        bare: "*",
        directory: "-w --wd -W --wdns",
        place: Where::Privileged,
        ..NONE
    },
    Wrapper {
        names: "flock",
        interspersed: true,
        options: "-s --shared -x -e --exclusive -u --unlock -n --nb --nonblock -w= --timeout= --wait= -E= \
            --conflict-exit-code= -o --close -c= --command= -F --no-fork --fcntl --verbose",
        operands: 1,
        shell: "-c --command",
        ..NONE
    },
    Wrapper {
        names: "watch",
        options: "-b --beep -c --color -C --no-color -d? --differences? -e --errexit -f --follow -g --chgexit -q= \
            --equexit= -n= --interval= -p --precise -r --no-rerun -s= --shotsdir= -t --no-title -w --no-wrap -x \
            --exec -h --help -v --version",
        joined_if: "*",
        joined_unless: "-x --exec",
        ..NONE
    },
    Wrapper {
        names: "setarch linux32 linux64 i386 i486 i586 i686 x86_64 uname26",
        interspersed: true,
        options: "-B --32bit -F --fdpic-funcptrs -I --short-inode -L --addr-compat-layout -R --addr-no-randomize -S \
            --whole-seconds -T --sticky-timeouts -X --read-implies-exec -Z --mmap-page-zero -3 --3gb --4gb \
            --uname-2.6 -v --verbose --list --show? -p= --pid=",
        operands: 1,
        operand_is: "uname26 linux32 linux64 i386 i486 i586 i686 athlon x86_64 ppc ppc32 ppc64 ppc64le arm armv7l \
            armv8l aarch64 arm64 mips mips64 s390 s390x sparc sparc64 riscv64 loongarch64 ia64 alpha",
        quiet: "--list",
        ..NONE
    },
    Wrapper {
        names: "arch",
        options: "-x86_64 -x86_64h -arm64 -arm64e -i386 -32 -64 -c -h -arch= -d= -e=",
        ..NONE
    },
    Wrapper {
        names: "prlimit",
        options: "-p= --pid= -o= --output= --noheadings --raw --verbose -c? --core? -d? --data? -e? --nice? -f? \
            --fsize? -i? --sigpending? -l? --memlock? -m? --rss? -n? --nofile? -q? --msgqueue? -r? --rtprio? -s? \
            --stack? -t? --cpu? -u? --nproc? -v? --as? -x? --locks? -y? --rttime?",
        quiet: "-p --pid",
        ..NONE
    },
    Wrapper {
        names: "setpriv",
        options: "-d --dump --nnp --no-new-privs --ambient-caps= --inh-caps= --bounding-set= --ruid= --euid= --rgid= \
            --egid= --reuid= --regid= --clear-groups --keep-groups --init-groups --groups= --securebits= \
            --pdeathsig= --ptracer= --selinux-label= --apparmor-profile= --landlock-access= --landlock-rule= \
            --seccomp-filter= --reset-env",
        quiet: "-d --dump",
        ..NONE
    },
    Wrapper { names: "cgexec", options: "-g= --sticky -h -r= -b", ..NONE },
    Wrapper {
        names: "pkexec",
        options: "--version --help --disable-internal-agent --keep-cwd --user= -u=",
        bare: "*",
        quiet: "--version --help",
        place: Where::Privileged,
        ..NONE
    },
    Wrapper { names: "gosu su-exec setuidgid", operands: 1, place: Where::Privileged, ..NONE },
    Wrapper {
        names: "chpst",
        options: "-u= -U= -b= -/= -C= -e= -n= -l= -L= -m= -d= -o= -p= -f= -c= -t= -r= -v -V -P -0 -1 -2",
        directory: "-C",
        root: "-/",
        ..NONE
    },
    Wrapper { names: "tini", options: "-s -p= -v -w -g -e= -l -h --version", ..NONE },
    Wrapper {
        names: "dumb-init catatonit",
        options: "-c --single-child -r= --rewrite= -v --verbose -h --help -V --version -g",
        ..NONE
    },
    Wrapper { names: "caffeinate", options: "-d -i -m -s -u -t= -w=", ..NONE },
    Wrapper {
        names: "strace",
        options: "-e= --trace= --signal= --status= -E= --env= -p= --attach= -u= --user= -b= --detach-on= -D \
            --daemonize? -f -ff --follow-forks -F -I= --interruptible= -P= --trace-path= -z --successful-only -Z \
            --failed-only -a= --columns= --abbrev= --verbose= --raw= --read= --write= --quiet? --kvm= --decode-fds? \
            --decode-pids= -i --instruction-pointer -k --stack-traces? -n --syscall-number -N --arg-names -o= --output= -A \
            --output-append-mode --output-separately -q -r --relative-timestamps? -s= --string-limit= \
            --absolute-timestamps? -t -T --syscall-times? -v --no-abbrev --strings-in-hex? -x -X= \
            --const-print-style= -y -Y -c --summary-only -C --summary -O= --summary-syscall-overhead= -S= \
            --summary-sort-by= -U= --summary-columns= -w --summary-wall-clock --inject= --fault= -d --debug \
            --seccomp-bpf --tips? --argv0= --syscall-limit= -h --help -V --version",
        ..NONE
    },
    Wrapper {
        names: "ltrace",
        options: "-a= --align= -A= -b --no-signals -c -C --demangle -D= --debug= -e= -f -F= --config= -h --help -i -l= \
            --library= -L -n= --indent= -o= --output= -p= -r -s= -S -t -T -u= -w= --where= -x= -V --version",
        ..NONE
    },
    Wrapper {
        names: "gdb lldb",
        options: "--args! -args! -ex= --ex= -iex= --eval-command= -x= --command= -p= --pid= -d= --directory= -c= \
            --core= --batch -batch -q -quiet --quiet -nx --nx -nh --nh -tui --tui -n -silent -o= --one-line= -O= -b",
        operands: usize::MAX,
        needs: "--args -args",
        ..NONE
    },
    Wrapper {
        names: "lldb rr",
        options: "-o= --one-line= -O= -s= -b --batch -n= -p= -h",
        rest: Rest::Dashed,
        ..NONE
    },
    Wrapper { names: "valgrind heaptrack uftrace kcov", options: "-q -v -h --tool= -d", ..NONE },
    Wrapper {
        names: "perf",
        subs: "stat|record|trace|kmem record|sched record|lock record|mem record",
        options: "-a --all-cpus -A --no-aggr -b --branch-any -B -c= --count= -C= --cpu= -d --data --detailed -D= \
            --delay= -e= --event= -F= --freq= -g --call-graph= -G= --cgroup= -I= --interval-print= --interval-count= \
            -i --no-inherit -j= --branch-filter= -k= --clockid= -m= --mmap-pages= -M= --metrics= -N -n --null -o= \
            --output= -p= --pid= -P --period -q --quiet -r= --repeat= --realtime= -R -s -S -T -t= --tid= -u= --uid= \
            -v --verbose -W -x= --field-separator= -z? --affinity= --append --clang-opt= --clang-path= --control= \
            --cputype= --filter= --for-each-cgroup= --log-fd= --max-size= --mmap-flush= --num-thread-synthesize= \
            --post= --pre= --proc-map-timeout= --switch-max-files= --switch-output-event= --synth= --td-level= \
            --timeout= --vmlinux= --per-core --per-socket --per-die --per-node --per-thread --scale --all-kernel \
            --all-user --no-merge --metric-only --sync --table --big-num --inherit",
        shell: "--pre --post",
        ..NONE
    },
    Wrapper {
        names: "systemd-run",
        options: "--no-ask-password --user --system -H= --host= -M= --machine= --scope -u= --unit= -p= --property= \
            --description= --slice= --slice-inherit --expand-environment= --no-block -r --remain-after-exit --wait \
            --send-sighup --service-type= --uid= --gid= --nice= --working-directory= --same-dir -d --same-root-dir \
            -R --root-directory= -E= --setenv= -t --pty -T --pty-late -P --pipe -q --quiet --json= -G --collect -S \
            --shell --job-mode= --ignore-failure --background= --no-pager --path-property= --socket-property= \
            --on-active= --on-boot= --on-startup= --on-unit-active= --on-unit-inactive= --on-calendar= \
            --on-timezone-change --on-clock-change --timer-property= -v --verbose --no-ask-password -h --help --version",
        bare: "-S --shell",
        directory: "--working-directory",
        root: "--root-directory -M --machine",
        ..NONE
    },
    Wrapper {
        names: "run0",
        options: "--no-ask-password --machine= --unit= --property= --description= --slice= --slice-inherit -u= --user= \
            -g= --group= --nice= -D= --chdir= --via-shell -i --setenv= --background= --pty --pipe --shell-prompt-prefix=",
        bare: "*",
        directory: "-D --chdir",
        place: Where::Privileged,
        ..NONE
    },
    Wrapper {
        names: "systemd-inhibit",
        options: "--no-pager --no-legend --no-ask-password --what= --who= --why= --mode= --list -h --help --version",
        quiet: "--list",
        ..NONE
    },
    Wrapper { names: "dbus-run-session", options: "--config-file= --dbus-daemon= --help --version", ..NONE },
    Wrapper {
        names: "xvfb-run",
        options: "-a --auto-servernum -d --auto-display -e= --error-file= -f= --auth-file= -h --help -n= --server-num= \
            -l --listen-tcp -p= --xauth-protocol= -s= --server-args= -w= --wait=",
        ..NONE
    },
    Wrapper { names: "firejail", options: "--appimage --quiet --noprofile --private --shell=", ..NONE },
    Wrapper {
        names: "bwrap",
        options: "--args= --unshare-user --userns= --userns2= --pidns= --uid= --gid= --hostname= --chdir= --setenv== \
            --unsetenv= --clearenv --lock-file= --sync-fd= --perms= --size= --bind== --bind-try== --dev-bind== \
            --dev-bind-try== --ro-bind== --ro-bind-try== --bind-fd== --ro-bind-fd== --remount-ro= --proc= --dev= --tmpfs= --mqueue= --dir= \
            --file== --bind-data== --ro-bind-data== --symlink== --chmod== --overlay-src= --tmp-overlay= \
            --ro-overlay= --seccomp= --add-seccomp-fd= --exec-label= --file-label= --block-fd= --userns-block-fd= \
            --info-fd= --json-status-fd= --cap-add= --cap-drop= --argv0= --level-prefix --new-session \
            --die-with-parent --as-pid-1 --share-net --unshare-all --unshare-pid --unshare-net --unshare-ipc \
            --unshare-uts --unshare-cgroup --unshare-user-try --unshare-cgroup-try --disable-userns",
        directory: "--chdir",
        place: Where::Sandbox("--bind --bind-try --dev-bind --dev-bind-try --bind-fd"),
        ..NONE
    },
    Wrapper { names: "unbuffer", options: "-p", ..NONE },
    Wrapper {
        names: "rlwrap",
        options: "-a? --always-readline? -A? --ansi-colour-aware? -b= --break-chars= -c --complete-filenames -C= \
            --command-name= -D= --history-no-dupes= -e= --extra-char-after-completion= -E --always-echo -f= --file= \
            -g= --forget-matching= -h --help -H= --history-filename= -i --case-insensitive -I \
            --pass-sigint-as-sigterm -l= --logfile= -m? --multi-line? -M= --multi-line-ext= -n --no-warnings -N \
            --no-children -o --one-shot -O= --only-cook= -p? --prompt-colour? -P= --pre-given= -q= \
            --quote-characters= -r --remember -R --renice -s= --histsize= -S= --substitute-prompt= -t= \
            --set-term-name= -U --mirror-arguments -v --version -w= --wait-before-prompt= -W? --polling? -z= --filter=",
        ..NONE
    },
    Wrapper { names: "proxychains4 proxychains", options: "-f= -q", ..NONE },
    Wrapper {
        names: "torsocks",
        options: "-u= --user= -p= --pass= -i --isolate -a= --address= -P= --port= -d --debug -q --quiet --shell on off",
        bare: "--shell",
        ..NONE
    },
    Wrapper {
        names: "faketime",
        options: "-m -p= -f --exclude-monotonic --date-prog= --help --version",
        operands: 1,
        ..NONE
    },
    Wrapper { names: "datefudge", options: "-s --static", operands: 1, ..NONE },
    Wrapper { names: "sshpass", options: "-p= -f= -d= -e? -P= -v -h -V", ..NONE },
    Wrapper {
        names: "cpulimit",
        options: "-l= --limit= -p= --pid= -e= --exe= -P= --path= -i -z -v -m -b -f -c=",
        ..NONE
    },
    Wrapper {
        names: "fakeroot",
        options: "-l= --lib= --faked= -s= -i= -u --unknown-is-real -b= --fd-base= -h -v",
        bare: "*",
        ..NONE
    },
    Wrapper {
        names: "numactl",
        options: "-a --all -i= --interleave= -w= --weighted-interleave= -p= --preferred= -P= --preferred-many= -m= \
            --membind= -C= --physcpubind= -N= --cpunodebind= -l --localalloc -b --balancing -s --show -H --hardware",
        ..NONE
    },
    Wrapper {
        names: "ssh-agent",
        options: "-a= -E= -P= -t= -O= -c -s -k -D -d -T -u -U",
        quiet: "-k",
        ..NONE
    },
    Wrapper {
        names: "ld.so",
        options: "--list --verify --inhibit-cache --library-path= --glibc-hwcaps-prepend= \
            --glibc-hwcaps-mask= --inhibit-rpath= --audit= --preload= --argv0= --list-tunables --list-diagnostics \
            --help --version",
        quiet: "--list --verify --help --version",
        told: "--argv0",
        ..NONE
    },
    Wrapper {
        names: "sg",
        interspersed: true,
        operands: 1,
        options: "- -c=",
        shell: "-c",
        joined_if: "*",
        ..NONE
    },
    Wrapper {
        names: "su",
        interspersed: true,
        options: SU,
        operands: 1,
        shell: "-c --command --session-command",
        rest: Rest::Under("sh"),
        bare: "*",
        quiet: "-h --help -V --version",
        place: Where::Privileged,
        ..NONE
    },
    Wrapper {
        names: "runuser",
        options: "-u= --user= -c= --command= --session-command= - -l --login -m -p --preserve-environment -w= \
            --whitelist-environment= -g= --group= -G= --supp-group= -f --fast -s= --shell= -P --pty -T --no-pty",
        needs: "-u --user",
        place: Where::Privileged,
        ..NONE
    },
    Wrapper {
        names: "runuser",
        interspersed: true,
        options: SU,
        operands: 1,
        shell: "-c --command --session-command",
        rest: Rest::Under("sh"),
        bare: "*",
        quiet: "-u --user -h --help -V --version",
        place: Where::Privileged,
        ..NONE
    },
    Wrapper {
        names: "script scriptlive",
        interspersed: true,
        options: "-I= --log-in= -O= --log-out= -B= --log-io= -T= --log-timing= -t? --timing? -m= --logging-format= -a \
            --append -c= --command= -e --return -f --flush -F= --force -E= --echo= -o= --output-limit= -q --quiet -k \
            -r -d -p -h --help -V --version",
        operands: 1,
        shell: "-c --command",
        bare: "*",
        quiet: "-h --help -V --version -p",
        ..NONE
    },
    Wrapper {
        names: "man",
        options: "-P= --pager= -H= --html= -M= -m= -S= -s= -L= -r= -p= -T= -E= -R= -C= -e=",
        operands: usize::MAX,
        shell: "-P --pager -H --html",
        ..NONE
    },
    Wrapper {
        names: "sort gsort",
        options: "--compress-program= -k= --key= -o= --output= -t= --field-separator= -S= -T= --parallel=",
        operands: usize::MAX,
        shell: "--compress-program",
        ..NONE
    },
    Wrapper {
        names: "split gsplit",
        options: "--filter= -a= -b= --bytes= -C= -l= --lines= -n= --number= -t= --additional-suffix=",
        operands: usize::MAX,
        shell: "--filter",
        ..NONE
    },
    Wrapper {
        names: "nc ncat netcat nc.traditional",
        options: "-e= --exec= -c= --sh-exec= -p= -s= -w= -g= -G= -i= -o= -q= -x= -X= -I= -O= -T= -P= --proxy=",
        operands: usize::MAX,
        shell: "-e --exec -c --sh-exec",
        ..NONE
    },
    Wrapper {
        names: "rsync",
        options: "-e= --rsh= --rsync-path= -f= --filter= --exclude= --include= --exclude-from= --include-from= \
            --files-from= -B= -T= --temp-dir= --partial-dir= --backup-dir= --suffix= --log-file= --port= \
            --compare-dest= --copy-dest= --link-dest= --max-size= --min-size= --timeout= --bwlimit=",
        operands: usize::MAX,
        shell: "-e --rsh",
        ..NONE
    },
    Wrapper {
        names: "start-stop-daemon",
        options: "-S --start -K --stop -T --status -x= --exec= -a= --startas= -p= --pidfile= -n= --name= -u= --user= \
            -c= --chuid= -g= --group= -r= --chroot= -d= --chdir= -N= --nicelevel= -P= -I= -k= --umask= -b \
            --background -C --no-close -m --make-pidfile -q --quiet -v --verbose -t --test -o --oknodo -s= --signal= \
            -R= --retry= -O= --output= --notify-await --notify-timeout= --remove-pidfile",
        quiet: "-K --stop -T --status -t --test",
        program: "-x --exec -a --startas",
        ..NONE
    },
    Wrapper {
        names: "proot",
        options: "-r= --rootfs= -b= --bind= -m= --mount= -q= --qemu= -w= --pwd= --cwd= -v= -V -h -0 --root-id -i= \
            -k= --kernel-release= -R= -S= --kill-on-exit --link2symlink",
        root: "-r --rootfs -R -S",
        ..NONE
    },
    Wrapper {
        names: "choom",
        options: "-n= --adjust= -p= --pid= -h --help -V --version",
        quiet: "-p --pid",
        ..NONE
    },
    Wrapper {
        names: "gpg-agent",
        options: "--daemon --supervised --server --homedir= --options= -v --verbose -q --quiet -s --sh -c --csh \
            --debug-level= --debug= --log-file= --no-detach --enable-ssh-support --default-cache-ttl= --max-cache-ttl= \
            --pinentry-program= --allow-preset-passphrase --use-standard-socket --write-env-file?",
        needs: "--daemon",
        ..NONE
    },
    Wrapper {
        names: "xterm uxterm lxterm rxvt urxvt st stterm konsole alacritty terminator xfce4-terminal mate-terminal \
            lxterminal tilix",
        options: "-e! --command! -x! --execute! -T= --title= --workdir= --working-directory= --config-file= --geometry= \
            -hold --hold",
        operands: usize::MAX,
        needs: "-e -x --command --execute",
        rest: Rest::OneIsShell,
        ..NONE
    },
    Wrapper {
        names: "gnome-terminal",
        options: "-e= --command= --tab --window --title= -t= --working-directory= --profile= --wait --geometry=",
        operands: usize::MAX,
        shell: "-e --command",
        rest: Rest::Dashed,
        ..NONE
    },
    Wrapper {
        names: "kitty foot",
        options: "-T= --title= --class= --name= -d= --directory= -c= --config= -o= --override= --session= --hold -1 \
            --single-instance --detach --start-as= -D= --working-directory= -H -a= --app-id= -h --help -v --version",
        directory: "-d --directory -D --working-directory",
        quiet: "-h --help -v --version",
        ..NONE
    },
];
