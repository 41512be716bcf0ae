//! Rows for other machines, containers and pods.

use super::{NONE, Rest, Where, Wrapper};

const DOCKER: &str = "--config= -c= --context= -D --debug -H= --host= -l= --log-level= --tls --tlscacert= --tlscert= \
    --tlskey= --tlsverify --connection= --identity= --url= --root= --runroot= --storage-driver= --storage-opt= \
    --cgroup-manager= --log-level= --namespace= -n= --address= -a= -r --remote";
pub(in crate::actions) const DOCKER_RUN: &str = "--add-host= --annotation= -a= --attach= --blkio-weight= --blkio-weight-device= --cap-add= \
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

/// The rows; those of one name with subcommands come before its row without.
pub(super) const ROWS: &[Wrapper] = &[
    Wrapper {
        names: "ssh slogin",
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
        names: "autossh",
        interspersed: true,
        options: "-4 -6 -A -a -B= -b= -C -c= -D= -E= -e= -F= -f -G -g -I= -i= -J= -K -k -L= -l= -M= -m= -N -n -O= -o= \
            -P= -p= -Q= -q -R= -S= -s -T -t -V -v -W= -w= -X -x -Y -y -1 -2",
        operands: 1,
        joined_if: "*",
        quiet: "-N -V",
        place: Where::Remote,
        ..NONE
    },
    Wrapper {
        names: "pdsh clush",
        options: "-w= -x= -g= -X= -R= -l= -u= -t= -f= -S -N -a -b -B -L -q -o= -v -d -c",
        joined_if: "*",
        place: Where::Remote,
        ..NONE
    },
    Wrapper {
        names: "pssh parallel-ssh",
        options: "-h= --hosts= -H= --host= -l= --user= -p= --par= -o= --outdir= -e= --errdir= -t= --timeout= -O= \
            --option= -x= --extra-args= -X= --extra-arg= -v -A -i --inline -P --print -I --send-input",
        joined_if: "*",
        place: Where::Remote,
        ..NONE
    },
    Wrapper {
        names: "fab",
        options: "-H= --hosts= -c= --collection= -r= --search-root= -i -S= -t= -T= --command-timeout= -e -p -w -d",
        joined_if: "*",
        rest: Rest::Dashed,
        place: Where::Remote,
        ..NONE
    },
    Wrapper {
        names: "tailscale tsh",
        subs: "ssh",
        options: "-l= --login= -p= --port= --proxy= --user= --cluster= -A -t -N",
        operands: 1,
        joined_if: "*",
        place: Where::Remote,
        ..NONE
    },
    Wrapper { names: "pct", subs: "exec", operands: 1, place: Where::Container, ..NONE },
    Wrapper {
        names: "knife",
        subs: "ssh",
        options: "-x= -i= -a= -P? -C= -G= -m -e -p= -F= --ssh-user= --attribute= --concurrency=",
        operands: 1,
        joined_if: "*",
        place: Where::Remote,
        ..NONE
    },
    Wrapper {
        names: "eb",
        subs: "ssh",
        options: "-n= --number= -i= --instance= -c= --command= -e= --custom= --force --setup -k --keep-open -o --timeout= \
            -v --verbose -q --quiet --profile= -r= --region=",
        operands: usize::MAX,
        shell: "-c --command",
        place: Where::Remote,
        ..NONE
    },
    Wrapper {
        names: "az",
        subs: "vm run-command invoke|vmss run-command invoke",
        options: "-g= --resource-group= -n= --name= --command-id= --scripts= --instance-id= --parameters= --ids= \
            --subscription= -o= --output= --no-wait",
        operands: usize::MAX,
        shell: "--scripts",
        place: Where::Remote,
        ..NONE
    },
    Wrapper {
        names: "ansible",
        interspersed: true,
        options: "-m= --module-name= -a= --args= -i= --inventory= -u= --user= -b --become -K -k -l= --limit= -f= \
            --forks= -e= --extra-vars= -v -vv -vvv -C --check -o -t= --one-line -B= -P= --become-user= --become-method= \
            --private-key= -T= --timeout= -c= --connection=",
        operands: usize::MAX,
        shell: "-a --args",
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
        subs: "shell",
        options: "-s= --service= -e= --environment= --silent",
        bare: "*",
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
        directory: "-w --workdir",
        place: Where::Image { new: true },
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
        directory: "-w --workdir",
        place: Where::Image { new: false },
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
        directory: "-w --workdir",
        place: Where::Image { new: false },
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
        names: "minikube",
        subs: "ssh",
        options: "-p= --profile= -n= --node= --native-ssh",
        joined_if: "*",
        place: Where::Remote,
        ..NONE
    },
    Wrapper {
        names: "crictl",
        subs: "exec",
        globals: "-c= --config= -r= --runtime-endpoint= -i= --image-endpoint= -t= --timeout= -D --debug",
        options: "-i --interactive -t --tty -s --sync --timeout= -r= --transport=",
        operands: 1,
        place: Where::Container,
        ..NONE
    },
    Wrapper { names: "k3s microk8s k0s minikube", subs: "kubectl", rest: Rest::Under("kubectl"), ..NONE },
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
        names: "distrobox",
        subs: "enter|ephemeral",
        options: "-n= --name= -a= --additional-flags= -T -H -nw -v",
        operands: usize::MAX,
        rest: Rest::Dashed,
        ..NONE
    },
    Wrapper {
        names: "distrobox-enter distrobox-ephemeral",
        options: "-n= --name= -a= --additional-flags= -T -H -nw -v",
        operands: usize::MAX,
        rest: Rest::Dashed,
        ..NONE
    },
    Wrapper {
        names: "adb",
        subs: "shell|exec-out",
        globals: "-s= -d -e -a -t= -H= -P= -L=",
        options: "-e= -n -T -t -x",
        joined_if: "*",
        place: Where::Remote,
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
        names: "lxc-attach",
        options: "-n= --name= -a= --arch= -e --elevated-privileges -s= --namespaces= -R --remount-sys-proc -k \
            --keep-env --clear-env -v= --set-var= --keep-var= -u= --uid= -g= --gid= -P= --lxcpath= -f= --rcfile= -q -o=",
        bare: "*",
        root: "-n --name",
        ..NONE
    },
    Wrapper {
        names: "rsync",
        options: "-e= --rsh= --rsync-path= -f= --filter= --exclude= --include= --exclude-from= --include-from= \
            --files-from= -B= -T= --temp-dir= --partial-dir= --backup-dir= --suffix= --log-file= --port=",
        operands: usize::MAX,
        shell: "--rsync-path",
        place: Where::Remote,
        rest: Rest::Dashed,
        ..NONE
    },
];
