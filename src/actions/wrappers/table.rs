//! The programs whose arguments are a command, as data: one row each.
//!
//! Options are written as [`Grammar::options`](super::scan::Grammar) says.

/// How a program's words lead to the command that it runs.
pub(super) struct Wrapper {
    /// Its base names, blank-separated.
    pub names: &'static str,
    /// The subcommands that run a command, separated by `|`; empty where the program itself does.
    pub subs: &'static str,
    /// Options that may stand before and between the subcommand's words.
    pub globals: &'static str,
    /// Options before the command.
    pub options: &'static str,
    /// Operands before the command.
    pub operands: usize,
    /// What these can be; see `Grammar`.
    pub operand_is: &'static str,
    /// Options may stand behind the last operand too.
    pub interspersed: bool,
    /// `NAME=value` may stand before the command.
    pub assignments: bool,
    /// Options whose value is shell source.
    pub shell: &'static str,
    /// What the words behind these are.
    pub rest: Rest,
    /// With one of these options the words are joined and read by a shell; `*` for always.
    pub joined_if: &'static str,
    /// With one of these they are not.
    pub joined_unless: &'static str,
    /// With one of these options no command runs.
    pub quiet: &'static str,
    /// Without one of these options no command runs (empty: none is needed).
    pub needs: &'static str,
    /// With one of these options (`*`: always), and no command, a shell reads standard input.
    pub bare: &'static str,
    /// Options whose value is the command's directory.
    pub directory: &'static str,
    /// Options whose value is the command's root directory.
    pub root: &'static str,
    /// Options whose value is the program, the words being its arguments.
    pub program: &'static str,
    /// Where the command runs.
    pub place: Where,
}

/// What the words behind a wrapper's own words are.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Rest {
    /// A program and its arguments.
    Argv,
    /// The same, but only behind a `--`.
    Dashed,
    /// A program as a package registry names it (`prisma@6`), and its arguments.
    Package,
    /// A program or a Python script, and its arguments.
    PythonOrProgram,
    /// One word is shell source; more are a program and its arguments.
    OneIsShell,
    /// Every word is shell source.
    EachIsShell,
    /// Arguments of this program.
    Under(&'static str),
}

/// Where a wrapper's command runs.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Where {
    /// Where the wrapper does.
    Here,
    /// As another user.
    Privileged,
    /// In the container that the first operand names.
    Container,
    /// On the machine that the first operand names.
    Remote,
    /// In a container, unless one of these options shares this machine's files with it.
    Sandbox(&'static str),
}

const NONE: Wrapper = Wrapper {
    names: "",
    subs: "",
    globals: "",
    options: "",
    operands: 0,
    operand_is: "",
    interspersed: false,
    assignments: false,
    shell: "",
    rest: Rest::Argv,
    joined_if: "",
    joined_unless: "",
    quiet: "",
    needs: "",
    bare: "",
    directory: "",
    root: "",
    program: "",
    place: Where::Here,
};

const DOCKER: &str = "--config= -c= --context= -D --debug -H= --host= -l= --log-level= --tls --tlscacert= --tlscert= \
    --tlskey= --tlsverify --connection= --identity= --url= --root= --runroot= --storage-driver= --storage-opt= \
    --cgroup-manager= --log-level= --namespace= -n= --address= -a= -r --remote";
const DOCKER_RUN: &str = "--add-host= --annotation= -a= --attach= --blkio-weight= --blkio-weight-device= --cap-add= \
    --cap-drop= --cgroup-parent= --cgroupns= --cidfile= --cpu-count= --cpu-percent= --cpu-period= --cpu-quota= \
    --cpu-rt-period= --cpu-rt-runtime= -c= --cpu-shares= --cpus= --cpuset-cpus= --cpuset-mems= -d --detach \
    --detach-keys= --device= --device-cgroup-rule= --device-read-bps= --device-read-iops= --device-write-bps= \
    --device-write-iops= --disable-content-trust --dns= --dns-option= --dns-opt= --dns-search= --domainname= \
    --entrypoint= -e= --env= --env-file= --expose= --gpus= --group-add= --health-cmd= --health-interval= \
    --health-retries= --health-start-interval= --health-start-period= --health-timeout= --help -h= --hostname= \
    --init -i --interactive --io-maxbandwidth= --io-maxiops= --ip= --ip6= --ipc= --isolation= --kernel-memory= -l= \
    --label= --label-file= --link= --link-local-ip= --log-driver= --log-opt= --mac-address= -m= --memory= \
    --memory-reservation= --memory-swap= --memory-swappiness= --mount= --name= --network= --net= --network-alias= \
    --net-alias= --no-healthcheck --oom-kill-disable --oom-score-adj= --pid= --pids-limit= --platform= --privileged \
    -p= --publish= -P --publish-all --pull= -q --quiet --read-only --restart= --rm --runtime= --security-opt= \
    --shm-size= --sig-proxy --stop-signal= --stop-timeout= --storage-opt= --sysctl= --tmpfs= -t --tty --ulimit= -u= \
    --user= --userns= --uts= -v= --volume= --volume-driver= --volumes-from= -w= --workdir= --pod= --secret= \
    --systemd= --timeout= --tz= --umask= --authfile= --arch= --os= --replace --rootfs --requires= --uidmap= \
    --gidmap= --subuidname= --subgidname= --sdnotify= --hooks-dir= --conmon-pidfile= --pidfile= --env-host \
    --http-proxy --no-hosts --no-hostname --passwd --env-merge= --unsetenv= --unsetenv-all --preserve-fds= \
    --cgroups= --image-volume= --decryption-key= --variant= --retry= --retry-delay= --tls-verify --use-api-socket";
const DOCKER_EXEC: &str = "-d --detach --detach-keys= -e= --env= --env-file= -i --interactive --privileged -t --tty \
    -u= --user= -w= --workdir= -l --latest --preserve-fds= --cidfile=";
const COMPOSE: &str = "-f= --file= -p= --project-name= --profile= --env-file= --project-directory= --ansi= --parallel= \
    --progress= --compatibility --dry-run --all-resources -c= --context= -H= --host= --verbose --log-level= --tls \
    --tlscacert= --tlscert= --tlskey= --tlsverify";
const COMPOSE_EXEC: &str = "-d --detach -e= --env= --index= -T --no-TTY --no-tty --privileged -t --tty -i \
    --interactive -u= --user= -w= --workdir= --detach-keys=";
const COMPOSE_RUN: &str = "--build --cap-add= --cap-drop= -d --detach --entrypoint= -e= --env= --env-from-file= -i \
    --interactive -l= --label= --name= -T --no-TTY --no-tty --no-deps -p= --publish= --pull= -q --quiet \
    --quiet-build --quiet-pull --remove-orphans --rm -P --service-ports --use-aliases -u= --user= -v= --volume= \
    -w= --workdir=";
const KUBECTL: &str = "--as= --as-group= --as-uid= --cache-dir= --certificate-authority= --client-certificate= \
    --client-key= --cluster= --context= --disable-compression --insecure-skip-tls-verify --kubeconfig= \
    --log-flush-frequency= --match-server-version -n= --namespace= --password= --profile= --profile-output= \
    --request-timeout= -s= --server= --tls-server-name= --token= --user= --username= -v= --v= --vmodule= \
    --warnings-as-errors -c= --container= -f= --filename= --pod-running-timeout= -q --quiet -i --stdin -t --tty \
    -it --image= --image-pull-policy= --target= --copy-to= --custom= --env= --profile= --set-image= --restart= \
    --rm --annotations= --labels= -l= --overrides= --override-type= --port= --field-manager= -o= --output= \
    --grace-period= --timeout= --dry-run? --attach --share-processes --same-node --shell= --no-tty -T";
const GIT: &str = "-C= -c= --git-dir= --work-tree= --namespace= --exec-path? --config-env= --attr-source= -p -P \
    --paginate --no-pager --bare --no-replace-objects --no-lazy-fetch --no-optional-locks --no-advice \
    --literal-pathspecs --glob-pathspecs --noglob-pathspecs --icase-pathspecs --super-prefix=";
const PNPM: &str = "-C= --dir= --filter= -F= --filter-prod= -r --recursive -w --workspace-root -s --silent \
    --reporter= --loglevel= --color --no-color --stream --aggregate-output --config= --prefix= --use-stderr \
    --ignore-workspace --if-present --workspace-concurrency= --yes -y";
const NPM: &str = "-y --yes --no --no-install -p= --package= -c= --call= -w= --workspace= --workspaces -ws \
    --include-workspace-root -iwr -q --quiet -s --silent --prefix= --cache= --userconfig= --registry= --shell= \
    --script-shell= --node-options= --loglevel= --ignore-existing --always-spawn -n= --node-arg= --npm= \
    --allow-scripts= --prefer-offline --prefer-online --offline --legacy-peer-deps --force -f -g --global";
const UV: &str = "--extra= --no-extra= --group= --no-group= --only-group= --env-file= --with= -w= --with-editable= \
    --with-requirements= --package= --no-package= --python= -p= --python-platform= --index= --default-index= -i= \
    --index-url= --extra-index-url= -f= --find-links= -P= --upgrade-package= --reinstall-package= \
    --index-strategy= --keyring-provider= --resolution= --prerelease= --fork-strategy= --exclude-newer= \
    --exclude-newer-package= --link-mode= -C= --config-setting= --config-settings-package= \
    --no-build-isolation-package= --no-build-package= --no-binary-package= --no-sources-package= \
    --refresh-package= --cache-dir= --python-preference= --python-fetch= --color= --allow-insecure-host= \
    --directory= --project= --config-file= -m --module -s --script --gui-script --isolated --active --no-sync \
    --locked --frozen --offline --no-project --all-extras --all-groups --dev --no-dev --only-dev --no-default-groups \
    --all-packages --exact --no-env-file --no-editable --inexact -q --quiet -v --verbose -n --no-cache -U --upgrade \
    --reinstall --refresh --no-index --compile-bytecode --no-build --no-binary --no-build-isolation --no-sources \
    --managed-python --no-managed-python --no-python-downloads --native-tls --no-progress --no-config --show-settings \
    --from= --constraints= -c= --build-constraints= -b= --overrides= --lfs --spec= --pip-args= --suffix= --verbose";
const SU: &str = "-u= --user= -c= --command= --session-command= - -l --login -m -p --preserve-environment -w= \
    --whitelist-environment= -g= --group= -G= --supp-group= -f --fast -s= --shell= -P --pty -T --no-pty -h --help \
    -V --version";

/// All rows. Rows of one name with subcommands come before its row without.
pub(super) const WRAPPERS: &[Wrapper] = &[
    Wrapper {
        names: "nohup builtin noglob nocorrect chronic eatmydata ccache sccache distcc nocache gamemoderun mangohud \
            optirun primusrun catchsegv torify tsp nq cross-env grc busybox toybox fakechroot",
        options: "--help --version --list --install --list-full",
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
    Wrapper {
        names: "command",
        options: "-p -v -V",
        quiet: "-v -V",
        ..NONE
    },
    Wrapper {
        names: "exec",
        options: "-a= -c -l",
        ..NONE
    },
    Wrapper {
        names: "setsid",
        options: "-c --ctty -f --fork -w --wait -h --help -V --version",
        ..NONE
    },
    Wrapper {
        names: "timeout",
        options: "-k= --kill-after= -s= --signal= -v --verbose -p --preserve-status -f --foreground --help --version",
        operands: 1,
        ..NONE
    },
    Wrapper {
        names: "nice",
        options: "-n= --adjustment= -# --help --version",
        ..NONE
    },
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
    Wrapper {
        names: "stdbuf",
        options: "-i= --input= -o= --output= -e= --error=",
        ..NONE
    },
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
    Wrapper {
        names: "cgexec",
        options: "-g= --sticky -h -r= -b",
        ..NONE
    },
    Wrapper {
        names: "pkexec",
        options: "--version --help --disable-internal-agent --keep-cwd --user= -u=",
        bare: "*",
        quiet: "--version --help",
        place: Where::Privileged,
        ..NONE
    },
    Wrapper {
        names: "gosu su-exec setuidgid",
        operands: 1,
        place: Where::Privileged,
        ..NONE
    },
    Wrapper {
        names: "chpst",
        options: "-u= -U= -b= -/= -C= -e= -n= -l= -L= -m= -d= -o= -p= -f= -c= -t= -r= -v -V -P -0 -1 -2",
        directory: "-C",
        root: "-/",
        ..NONE
    },
    Wrapper {
        names: "tini",
        options: "-s -p= -v -w -g -e= -l -h --version",
        ..NONE
    },
    Wrapper {
        names: "dumb-init catatonit",
        options: "-c --single-child -r= --rewrite= -v --verbose -h --help -V --version -g",
        ..NONE
    },
    Wrapper {
        names: "caffeinate",
        options: "-d -i -m -s -u -t= -w=",
        ..NONE
    },
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
    Wrapper {
        names: "valgrind heaptrack uftrace kcov",
        options: "-q -v -h --tool= -d",
        ..NONE
    },
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
    Wrapper {
        names: "dbus-run-session",
        options: "--config-file= --dbus-daemon= --help --version",
        ..NONE
    },
    Wrapper {
        names: "xvfb-run",
        options: "-a --auto-servernum -d --auto-display -e= --error-file= -f= --auth-file= -h --help -n= --server-num= \
            -l --listen-tcp -p= --xauth-protocol= -s= --server-args= -w= --wait=",
        ..NONE
    },
    Wrapper {
        names: "firejail",
        options: "--appimage --quiet --noprofile --private --shell=",
        ..NONE
    },
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
    Wrapper {
        names: "unbuffer",
        options: "-p",
        ..NONE
    },
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
    Wrapper {
        names: "proxychains4 proxychains",
        options: "-f= -q",
        ..NONE
    },
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
    Wrapper {
        names: "datefudge",
        options: "-s --static",
        operands: 1,
        ..NONE
    },
    Wrapper {
        names: "sshpass",
        options: "-p= -f= -d= -e? -P= -v -h -V",
        ..NONE
    },
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
        names: "script",
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
        names: "ssh slogin autossh",
        interspersed: true,
        options: "-4 -6 -A -a -B= -b= -C -c= -D= -E= -e= -F= -f -G -g -I= -i= -J= -K -k -L= -l= -M -m= -N -n -O= -o= \
            -P= -p= -Q= -q -R= -S= -s -T -t -V -v -W= -w= -X -x -Y -y",
        operands: 1,
        joined_if: "*",
        bare: "*",
        quiet: "-N -V -Q -O -G -W -s",
        place: Where::Remote,
        ..NONE
    },
    Wrapper {
        names: "mosh",
        interspersed: true,
        options: "--client= --server= --ssh= --ssh-pty --no-ssh-pty --predict= -a -n --predict-overwrite -o --family= \
            -4 -6 -p= --port= --bind-server= --no-init --init --local --experimental-remote-ip= --help --version",
        operands: 1,
        shell: "--ssh",
        place: Where::Remote,
        ..NONE
    },
    Wrapper {
        names: "vagrant",
        subs: "ssh",
        options: "-c= --command= -p --plain -t --tty --no-tty --color --no-color --machine-readable",
        operands: usize::MAX,
        shell: "-c --command",
        place: Where::Remote,
        ..NONE
    },
    Wrapper {
        names: "gcloud",
        subs: "compute ssh|beta compute ssh|alpha compute ssh|compute tpus tpu-vm ssh|cloud-shell ssh|workstations ssh",
        globals: "--project= --account= --configuration= --verbosity= --format= -q --quiet",
        options: "--command= --zone= --project= --account= --configuration= --verbosity= --format= -q --quiet \
            --ssh-key-file= --ssh-flag= --ssh-key-expiration= --ssh-key-expire-after= --tunnel-through-iap \
            --internal-ip --force-key-file-overwrite --strict-host-key-checking= --container= --dry-run --plain \
            --troubleshoot --impersonate-service-account= --worker= --network= --region= --dest-group= --cluster= \
            --config=",
        operands: usize::MAX,
        shell: "--command",
        place: Where::Remote,
        ..NONE
    },
    Wrapper {
        names: "aws",
        subs: "ecs execute-command",
        globals: "--profile= --region= --output= --endpoint-url= --no-cli-pager --debug",
        options: "--command= --cluster= --container= --task= --interactive --profile= --region= --output=",
        operands: usize::MAX,
        shell: "--command",
        place: Where::Remote,
        ..NONE
    },
    Wrapper {
        names: "fly flyctl",
        subs: "ssh console|machine exec",
        options: "-C= --command= -a= --app= -c= --config= -o= --org= -r= --region= -s --select -u= --user= --address= \
            --machine= --container= -g= --process-group= -q --quiet --pty --timeout=",
        operands: usize::MAX,
        shell: "-C --command",
        place: Where::Remote,
        ..NONE
    },
    Wrapper {
        names: "heroku",
        subs: "run|run:detached|run:inside",
        options: "-a= --app= -r= --remote= -s= --size= --type= -e= --env= -x --exit-code --no-tty --no-notify \
            --no-launcher -l --listen",
        joined_if: "*",
        place: Where::Remote,
        ..NONE
    },
    Wrapper {
        names: "railway",
        subs: "ssh",
        options: "-p= --project= -s= --service= -e= --environment= -d= --deployment-instance= --session?",
        joined_if: "*",
        place: Where::Remote,
        ..NONE
    },
    Wrapper {
        names: "railway",
        subs: "run",
        options: "-s= --service= -e= --environment= -p= --project= --no-local -v --verbose",
        ..NONE
    },
    Wrapper {
        names: "docker podman nerdctl",
        subs: "exec|container exec",
        globals: DOCKER,
        options: DOCKER_EXEC,
        operands: 1,
        place: Where::Container,
        ..NONE
    },
    Wrapper {
        names: "docker podman nerdctl",
        subs: "run|container run|create|container create",
        globals: DOCKER,
        options: DOCKER_RUN,
        operands: 1,
        program: "--entrypoint",
        place: Where::Container,
        ..NONE
    },
    Wrapper {
        names: "podman buildah",
        subs: "unshare",
        globals: DOCKER,
        options: "--mount= --rootless-netns",
        bare: "*",
        ..NONE
    },
    Wrapper {
        names: "docker podman nerdctl",
        subs: "compose exec",
        globals: COMPOSE,
        options: COMPOSE_EXEC,
        operands: 1,
        place: Where::Container,
        ..NONE
    },
    Wrapper {
        names: "docker podman nerdctl",
        subs: "compose run",
        globals: COMPOSE,
        options: COMPOSE_RUN,
        operands: 1,
        program: "--entrypoint",
        place: Where::Container,
        ..NONE
    },
    Wrapper {
        names: "docker-compose podman-compose",
        subs: "exec",
        globals: COMPOSE,
        options: COMPOSE_EXEC,
        operands: 1,
        place: Where::Container,
        ..NONE
    },
    Wrapper {
        names: "docker-compose podman-compose",
        subs: "run",
        globals: COMPOSE,
        options: COMPOSE_RUN,
        operands: 1,
        program: "--entrypoint",
        place: Where::Container,
        ..NONE
    },
    Wrapper {
        names: "kubectl oc k kubecolor",
        interspersed: true,
        subs: "exec|rsh",
        globals: KUBECTL,
        options: KUBECTL,
        operands: 1,
        place: Where::Container,
        ..NONE
    },
    Wrapper {
        names: "kubectl oc k kubecolor",
        subs: "run|debug",
        globals: KUBECTL,
        options: KUBECTL,
        operands: 1,
        rest: Rest::Dashed,
        place: Where::Container,
        ..NONE
    },
    Wrapper {
        names: "k3s microk8s k0s minikube",
        subs: "kubectl",
        rest: Rest::Under("kubectl"),
        ..NONE
    },
    Wrapper {
        names: "lxc incus multipass",
        interspersed: true,
        subs: "exec",
        options: "--cwd= --env= --group= --user= -n --disable-stdin -t --force-interactive -T --force-noninteractive \
            --mode= -q --quiet --project= -d= --working-directory= -v --verbose --debug",
        operands: 1,
        place: Where::Container,
        ..NONE
    },
    Wrapper {
        names: "lxc-attach",
        options: "-n= --name= -a= --arch= -e --elevated-privileges -s= --namespaces= -R --remount-sys-proc -k \
            --keep-env --clear-env -v= --set-var= --keep-var= -u= --uid= -g= --gid= -P= --lxcpath= -f= --rcfile= -q -o=",
        bare: "*",
        root: "-n --name",
        ..NONE
    },
    Wrapper {
        names: "limactl",
        interspersed: true,
        subs: "shell",
        options: "--workdir= --shell= --debug --tty",
        operands: 1,
        bare: "*",
        place: Where::Container,
        ..NONE
    },
    Wrapper {
        names: "colima",
        subs: "ssh",
        options: "-p= --profile=",
        bare: "*",
        place: Where::Container,
        ..NONE
    },
    Wrapper {
        names: "apptainer singularity",
        subs: "exec|run",
        options: "-B= --bind= -H= --home= --pwd= --cwd= -C -c \
            -e --nv --env= --env-file= -o= --overlay= -W= --workdir= -w --writable --fakeroot -f -s --silent -q",
        operands: 1,
        place: Where::Container,
        ..NONE
    },
    Wrapper {
        names: "systemd-nspawn",
        options: "-D= --directory= -i= --image= -M= --machine= -u= --user= --bind= \
            --bind-ro= --tmpfs= -E= --setenv= --chdir= -q --quiet -b --boot -x --ephemeral -a --as-pid2 -U --private-network",
        root: "-D --directory -i --image -M --machine",
        bare: "*",
        ..NONE
    },
    Wrapper {
        names: "wsl wsl.exe",
        options: "-d= --distribution= -u= --user= --cd= -e! --exec! --shell-type= --system",
        directory: "--cd",
        ..NONE
    },
    Wrapper {
        names: "ddev",
        subs: "exec",
        options: "-d= --dir= -s= --service= --raw",
        joined_if: "*",
        place: Where::Container,
        ..NONE
    },
    Wrapper {
        names: "toolbox distrobox",
        subs: "run|enter",
        options: "-c= --container= -n= --name= -d= --distro= -r= \
            --release= -e! --additional-flags= -a= -T -v",
        ..NONE
    },
    Wrapper {
        names: "flatpak-spawn",
        options: "--host --verbose --clear-env --watch-bus --env= --directory= \
            --forward-fd= --sandbox --latest-version",
        directory: "--directory",
        ..NONE
    },
    Wrapper {
        names: "direnv",
        subs: "exec",
        operands: 1,
        ..NONE
    },
    Wrapper {
        names: "dotenv",
        subs: "run",
        globals: "-f= --file= -q= -e=",
        options: "--override --no-override",
        ..NONE
    },
    Wrapper {
        names: "dotenv",
        options: "-f= --file= -e= -v= -c? -o --override -p= -q --quiet -i --debug --no-expand",
        quiet: "-p",
        ..NONE
    },
    Wrapper {
        names: "dotenvx",
        subs: "run",
        globals: "-l= --log-level= -q --quiet -v --verbose -d --debug",
        options: "-f= --env-file= -e= --env= -fk= --env-keys-file= -fv= --env-vault-file= -o --overload --convention= \
            --strict --ignore= --ops-off",
        ..NONE
    },
    Wrapper {
        names: "env-cmd",
        options: "-f= --file= -e= --environments= -r= --rc-file= --no-override --fallback \
            --verbose -x --expand-envs --use-shell --silent",
        ..NONE
    },
    Wrapper {
        names: "cross-env-shell",
        assignments: true,
        joined_if: "*",
        ..NONE
    },
    Wrapper {
        names: "op",
        subs: "run",
        globals: "--account= --config= --session= --encoding= --format= --cache \
            --iso-timestamps --no-color --debug",
        options: "--env-file= --environment= --no-masking --account= --config= --session=",
        ..NONE
    },
    Wrapper {
        names: "doppler",
        subs: "run",
        globals: "-t= --token= --api-host= --dashboard-host= --scope= --no-verify-tls --config-dir= --json --silent",
        options: "-p= --project= -c= --config= -t= --token= --command= --fallback= --fallback-only --fallback-readonly \
            --no-fallback --passphrase= --fallback-passphrase= --mount= --mount-format= --mount-template= \
            --mount-max-reads= --name-transformer= --only-secrets= --no-cache --forward-signals --preserve-env? \
            --secret-name= --no-exit-on-write-failure --dynamic-ttl= --watch",
        shell: "--command",
        ..NONE
    },
    Wrapper {
        names: "infisical",
        subs: "run",
        options: "-e= --env= --path= --projectId= --token= -c= --command= -t= --tags= --watch --project-config-dir= \
            --include-imports --expand --recursive --secret-overriding --domain= --watch-interval=",
        shell: "-c --command",
        ..NONE
    },
    Wrapper {
        names: "aws-vault aws-okta saml2aws",
        interspersed: true,
        subs: "exec",
        globals: "--debug --backend= --keychain= --pass-dir= --pass-cmd= --pass-prefix= --file-dir= --prompt=",
        options: "-d= --duration= -n --no-session --region= -t= --mfa-token= -j --json -s --server --ec2-server \
            --ecs-server --lazy --stdout --prompt=",
        operands: 1,
        ..NONE
    },
    Wrapper {
        names: "envchain",
        options: "-s --set -l --list --noecho",
        operands: 1,
        quiet: "-s --set -l --list",
        ..NONE
    },
    Wrapper {
        names: "chamber teller berglas",
        subs: "exec|run",
        options: "--pristine --strict --strict-value= -c= --config= -b= -r=",
        rest: Rest::Dashed,
        operands: usize::MAX,
        ..NONE
    },
    Wrapper {
        names: "sops",
        interspersed: true,
        subs: "exec-env|exec-file",
        options: "--background --pristine --user= --filename= \
            --no-fifo --input-type= --output-type= --env=",
        operands: 1,
        joined_if: "*",
        ..NONE
    },
    Wrapper {
        names: "mise rtx",
        subs: "exec|x",
        globals: "-C= --cd= -E= --env= -j= --jobs= -q --quiet -v --verbose -y --yes",
        options: "-c= --command= -j= --jobs= --raw --no-prepare",
        operands: usize::MAX,
        shell: "-c --command",
        rest: Rest::Dashed,
        ..NONE
    },
    Wrapper {
        names: "asdf rbenv pyenv nodenv goenv jenv plenv",
        subs: "exec",
        ..NONE
    },
    Wrapper {
        names: "fnm volta",
        subs: "exec|run",
        options: "--using= --using-file --node= --npm= --pnpm= --yarn= --env= --bundled-npm",
        ..NONE
    },
    Wrapper {
        names: "nvm",
        subs: "exec|run",
        options: "--silent",
        operands: 1,
        ..NONE
    },
    Wrapper {
        names: "nix-shell",
        options: "--run= --command= -p --packages -A= --attr= -I= --arg== --argstr== -E --expr --pure --impure -i= \
            --keep= --exclude= -j= --max-jobs= --option== -v -Q",
        operands: usize::MAX,
        shell: "--run --command",
        ..NONE
    },
    Wrapper {
        names: "nix",
        subs: "develop|shell|run",
        globals: "--extra-experimental-features= --experimental-features= --option==",
        options: "-c! --command! --profile= --impure --offline -f= --file= --expr= --arg== --argstr== -I= --include= \
            --inputs-from= --override-input== --update-input= --no-write-lock-file --extra-experimental-features= \
            --experimental-features= --option== -k= --keep= -u= --unset= -i --ignore-environment -L -v",
        operands: usize::MAX,
        needs: "-c --command",
        ..NONE
    },
    Wrapper {
        names: "guix",
        subs: "shell|environment|time-machine",
        options: "-m= -f= -D -C -N -E=",
        rest: Rest::Dashed,
        operands: usize::MAX,
        ..NONE
    },
    Wrapper {
        names: "conda mamba micromamba",
        subs: "run",
        options: "-n= --name= -p= --prefix= -v --verbose --dev --debug-wrapper-scripts --cwd= --no-capture-output \
            --live-stream -s -a= --attach= -r= --root-prefix= -e= --env= --clean-env -d --detach --label=",
        directory: "--cwd",
        ..NONE
    },
    Wrapper {
        names: "poetry pipenv pdm hatch rye pixi devbox",
        subs: "run",
        globals: "-C= --directory= -P= --project= -e= --env= -c= --config= -q --quiet -v --verbose -n --no-interaction \
            --no-plugins --no-cache --ansi --no-ansi --python= --manifest-path= -p=",
        options: "-p= --project= -s --site-packages -l --list -e= --environment= --manifest-path= --frozen --locked \
            --pure --env= --env-file= -f= --pyproject= -q --quiet -v --verbose -c= --config=",
        quiet: "-l --list",
        rest: Rest::PythonOrProgram,
        ..NONE
    },
    Wrapper {
        names: "uv",
        subs: "run",
        globals: UV,
        options: UV,
        quiet: "-m --module",
        directory: "--directory",
        rest: Rest::PythonOrProgram,
        ..NONE
    },
    Wrapper {
        names: "uv",
        subs: "tool run",
        globals: UV,
        options: UV,
        rest: Rest::Package,
        ..NONE
    },
    Wrapper {
        names: "uvx",
        options: UV,
        rest: Rest::Package,
        ..NONE
    },
    Wrapper {
        names: "pipx",
        subs: "run",
        options: UV,
        rest: Rest::Package,
        ..NONE
    },
    Wrapper {
        names: "tox",
        subs: "exec",
        options: "-e= -c= -q -v",
        rest: Rest::Dashed,
        operands: usize::MAX,
        ..NONE
    },
    Wrapper {
        names: "bundle bundler",
        subs: "exec",
        globals: "--gemfile= --retry= -r= -V --no-color",
        options: "--keep-file-descriptors --gemfile=",
        ..NONE
    },
    Wrapper {
        names: "npx",
        options: NPM,
        shell: "-c --call",
        rest: Rest::Package,
        ..NONE
    },
    Wrapper {
        names: "npm",
        subs: "exec|x",
        globals: NPM,
        options: NPM,
        shell: "-c --call",
        rest: Rest::Package,
        ..NONE
    },
    Wrapper {
        names: "pnpm",
        subs: "exec|dlx|x",
        globals: PNPM,
        options: "-r --recursive --parallel --resume-from= -c --shell-mode --no-reporter-hide-prefix --report-summary \
            --package= --allow-build= -s --silent --reporter= -C= --dir= --filter= -F= --workspace-concurrency=",
        joined_if: "-c --shell-mode",
        rest: Rest::Package,
        ..NONE
    },
    Wrapper {
        names: "pnpx pnx",
        options: "--package= -c --shell-mode -s --silent",
        joined_if: "-c --shell-mode",
        rest: Rest::Package,
        ..NONE
    },
    Wrapper {
        names: "yarn",
        subs: "exec",
        globals: "--cwd= -s --silent",
        rest: Rest::OneIsShell,
        ..NONE
    },
    Wrapper {
        names: "yarn",
        subs: "dlx",
        options: "-p= --package= -q --quiet",
        rest: Rest::Package,
        ..NONE
    },
    Wrapper {
        names: "bunx",
        options: "--bun -p= --package= --verbose --silent --no-install",
        rest: Rest::Package,
        ..NONE
    },
    Wrapper {
        names: "bun",
        subs: "x",
        options: "--bun -p= --package= --verbose --silent --no-install",
        rest: Rest::Package,
        ..NONE
    },
    Wrapper {
        names: "composer",
        subs: "exec",
        options: "-l --list -q -v -d= --working-dir= -n",
        quiet: "-l --list",
        ..NONE
    },
    Wrapper {
        names: "nodemon",
        options: "-x= --exec= -e= --ext= -w= --watch= -i= --ignore= -d= --delay= -C --on-change-only -V -I --no-stdin \
            -L --legacy-watch -q --quiet --signal= -s= --config= --cwd= --verbose --inspect? --inspect-brk? -r= --require=",
        shell: "-x --exec",
        directory: "--cwd",
        rest: Rest::Under("node"),
        ..NONE
    },
    Wrapper {
        names: "concurrently",
        options: "-n= --names= -c= --prefix-colors= -p= --prefix= -m= --max-processes= -s= --success= -l= \
            --prefix-length= -t= --timestamp-format= -i --handle-input --default-input-target= -k --kill-others \
            --kill-others-on-fail --kill-signal= --kill-timeout= --restart-tries= --restart-after= --hide= -g --group \
            -r --raw --no-color --names-separator= -P --passthrough-arguments --teardown= --timings --pad-prefix",
        shell: "--teardown",
        rest: Rest::EachIsShell,
        ..NONE
    },
    Wrapper {
        names: "hyperfine",
        options: "-w= --warmup= -m= --min-runs= -M= --max-runs= -r= --runs= -s= --setup= -p= --prepare= -c= --cleanup= \
            -C= --conclude= -P== --parameter-scan== -D= --parameter-step-size= -L== --parameter-list== -S= --shell= -N \
            -i? --ignore-failure? --style= --sort= -u= --time-unit= --export-asciidoc= --export-csv= --export-json= \
            --export-markdown= --export-orgmode= --show-output --output= --input= -n= --command-name= --reference=",
        shell: "-s --setup -p --prepare -c --cleanup -C --conclude --reference",
        rest: Rest::EachIsShell,
        ..NONE
    },
    Wrapper {
        names: "pee start-server-and-test",
        rest: Rest::EachIsShell,
        ..NONE
    },
    Wrapper {
        names: "entr",
        options: "-a -c -d -n -p -r -s -x -z",
        joined_if: "-s",
        ..NONE
    },
    Wrapper {
        names: "watchexec",
        options: "-w= --watch= -W= -e= --exts= -f= --filter= -i= --ignore= -s= --signal= -d= --debounce= -r --restart -c? \
            --clear? -p --postpone -n -N --notify --shell= --workdir= --project-origin= -o= --on-busy-update= -1 -q -E= \
            --stop-signal= --stop-timeout= --poll?",
        joined_if: "*",
        joined_unless: "-n",
        directory: "--workdir",
        ..NONE
    },
    Wrapper {
        names: "cargo",
        subs: "watch",
        options: "-s= --shell= -x= --exec= -w= --watch= -i= --ignore= -d= -c -q -B= -C=",
        operands: usize::MAX,
        shell: "-s --shell",
        ..NONE
    },
    Wrapper {
        names: "chokidar",
        options: "-c= --command= -d= -t= -i= --initial -p",
        operands: usize::MAX,
        shell: "-c --command",
        ..NONE
    },
    Wrapper {
        names: "git",
        subs: "rebase",
        globals: GIT,
        options: "-x= --exec= -i --interactive --onto= -s= \
            --strategy= -X= --strategy-option= -S? -C= --root --keep-base -r? --rebase-merges? --autosquash \
            --autostash -f --force-rebase -q -v --whitespace= --empty= --update-refs",
        operands: usize::MAX,
        shell: "-x --exec",
        ..NONE
    },
    Wrapper {
        names: "git",
        subs: "bisect run",
        globals: GIT,
        ..NONE
    },
    Wrapper {
        names: "git",
        subs: "submodule foreach",
        globals: GIT,
        options: "-q --quiet --recursive",
        rest: Rest::OneIsShell,
        ..NONE
    },
    Wrapper {
        names: "git",
        subs: "filter-branch",
        globals: GIT,
        options: "--setup= --subdirectory-filter= \
            --env-filter= --tree-filter= --index-filter= --parent-filter= --msg-filter= --commit-filter= \
            --tag-name-filter= --prune-empty --original= -d= -f --force --state-branch=",
        operands: usize::MAX,
        shell: "--setup --env-filter --tree-filter --index-filter --parent-filter --msg-filter --commit-filter \
            --tag-name-filter",
        ..NONE
    },
    Wrapper {
        names: "git",
        subs: "difftool",
        globals: GIT,
        options: "-x= --extcmd= -d --dir-diff -y --no-prompt -t= \
            --tool= -g --gui",
        operands: usize::MAX,
        shell: "-x --extcmd",
        ..NONE
    },
    Wrapper {
        names: "tar gtar bsdtar",
        options: "--to-command= -f= --file= -C= --directory=",
        operands: usize::MAX,
        shell: "--to-command",
        ..NONE
    },
];

/// The rows for a program's base name.
pub(super) fn rows(name: &str) -> impl Iterator<Item = &'static Wrapper> {
    let name = if name == "ld.so" || name.starts_with("ld-linux") || name.starts_with("ld-musl") {
        "ld.so"
    } else {
        // GNU tools under the names that Homebrew gives them.
        match name {
            "gtimeout" | "gnice" | "gnohup" | "gstdbuf" | "gchroot" | "gtime" => &name[1..],
            _ => name,
        }
    };
    WRAPPERS
        .iter()
        .filter(move |row| super::scan::is_one_of(name, row.names))
}
