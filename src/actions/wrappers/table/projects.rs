//! Rows for environments, secrets, package managers and developers' tools.

use super::{NONE, Rest, Wrapper};

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

/// The rows; those of one name with subcommands come before its row without.
pub(super) const ROWS: &[Wrapper] = &[
    Wrapper { names: "direnv", subs: "exec", operands: 1, ..NONE },
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
        names: "env-cmd",
        options: "-f= --file= -e= --environments= -r= --rc-file= --no-override --fallback \
            --verbose -x --expand-envs --use-shell --silent",
        ..NONE
    },
    Wrapper { names: "cross-env-shell", assignments: true, joined_if: "*", ..NONE },
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
    Wrapper { names: "asdf rbenv pyenv nodenv goenv jenv plenv", subs: "exec", ..NONE },
    Wrapper {
        names: "fnm volta",
        subs: "exec|run",
        options: "--using= --using-file --node= --npm= --pnpm= --yarn= --env= --bundled-npm",
        ..NONE
    },
    Wrapper { names: "nvm", subs: "exec|run", options: "--silent", operands: 1, ..NONE },
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
        names: "nix",
        subs: "run",
        globals: "--extra-experimental-features= --experimental-features= --option==",
        options: "--impure --offline -f= --file= --expr= --arg== --argstr== -I= --include= --refresh -L -v",
        rest: Rest::Package,
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
    Wrapper { names: "uv", subs: "tool run", globals: UV, options: UV, rest: Rest::Package, ..NONE },
    Wrapper { names: "pipx", subs: "run", options: UV, rest: Rest::Package, ..NONE },
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
    Wrapper { names: "npx", options: NPM, shell: "-c --call", rest: Rest::Package, ..NONE },
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
        names: "lerna",
        subs: "exec",
        options: "--scope= --ignore= --since= --concurrency= --stream --parallel --no-bail --no-prefix --no-private --no-sort",
        joined_if: "*",
        ..NONE
    },
    Wrapper { names: "yarn", subs: "exec", globals: "--cwd= -s --silent", rest: Rest::OneIsShell, ..NONE },
    Wrapper { names: "yarn", subs: "dlx", options: "-p= --package= -q --quiet", rest: Rest::Package, ..NONE },
    Wrapper {
        names: "bun",
        subs: "x",
        options: "--bun -p= --package= --verbose --silent --no-install",
        rest: Rest::Package,
        ..NONE
    },
    Wrapper {
        names: "onchange",
        options: "-i --initial -e= --exclude= -k --kill -j= --jobs= -d= --delay= -p= --poll= -o= --outpipe= -v --verbose",
        rest: Rest::Dashed,
        ..NONE
    },
    Wrapper { names: "cronitor", subs: "exec", operands: 1, joined_if: "*", ..NONE },
    Wrapper {
        names: "nx",
        subs: "run-commands",
        options: "--command= --commands= --cwd= --parallel",
        shell: "--command --commands",
        needs: "--command --commands",
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
    Wrapper { names: "pee start-server-and-test", rest: Rest::EachIsShell, ..NONE },
    Wrapper { names: "entr", options: "-a -c -d -n -p -r -s -x -z", joined_if: "-s", ..NONE },
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
    Wrapper { names: "git", subs: "bisect run", globals: GIT, ..NONE },
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
    Wrapper { names: "uvx", options: UV, rest: Rest::Package, ..NONE },
    Wrapper {
        names: "dotenvx",
        subs: "run",
        globals: "-l= --log-level= -q --quiet -v --verbose -d --debug",
        options: "-f= --env-file= -e= --env= -fk= --env-keys-file= -fv= --env-vault-file= -o --overload --convention= \
            --strict --ignore= --ops-off",
        ..NONE
    },
    Wrapper {
        names: "bunx",
        options: "--bun -p= --package= --verbose --silent --no-install",
        rest: Rest::Package,
        ..NONE
    },
    Wrapper { names: "heroku", subs: "local:run", options: "-e= --env= -p= --port=", ..NONE },
    Wrapper { names: "forever", options: "-c=", shell: "-c", operands: usize::MAX, ..NONE },
    Wrapper {
        names: "pm2",
        subs: "start",
        options: "-n= --name= -i= --instances= -f --force --watch? --interpreter= --cwd= --env=",
        rest: Rest::OneIsShell,
        ..NONE
    },
    Wrapper {
        names: "foreman honcho",
        subs: "run",
        globals: "-f= --procfile= -e= --env= -d= --root=",
        options: "-f= --procfile= -e= --env= -d= --root=",
        ..NONE
    },
    Wrapper {
        names: "just",
        options: "-c! --command! -f= --justfile= -d= --working-directory= --set== -E= --dotenv-path= --shell= -q --quiet \
            -v --verbose -n --dry-run -u --unstable -g --global-justfile",
        operands: usize::MAX,
        needs: "-c --command",
        quiet: "-n --dry-run",
        ..NONE
    },
];
