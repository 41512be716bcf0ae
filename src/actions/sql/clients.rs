//! The programs that send SQL, and how their words say what and where to.

use super::database::Where;
use super::lexer::Flavour;
use super::split::Commands;
use crate::actions::names::{Names, names_of};
use crate::actions::wrappers::is_one_of;

/// What a client's words without a dash are, behind its subcommand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operands {
    None,
    /// A database, and what says nothing.
    Database,
    /// A database, then SQL.
    DatabaseAndSql,
    Sql,
}

/// A program that sends SQL.
pub(super) struct Client {
    /// Its base names.
    pub names: &'static str,
    /// The words that must stand first.
    pub sub: &'static str,
    pub flavour: Flavour,
    pub commands: Commands,
    pub place: Where,
    pub operands: Operands,
    /// All its options, as `Grammar::options` says.
    pub options: &'static str,
    /// Options whose value is SQL.
    pub sql: &'static str,
    /// Options whose value is a file of SQL.
    pub files: &'static str,
    pub host: &'static str,
    pub database: &'static str,
    /// Options and variables that name the port.
    pub port: &'static str,
    pub port_env: &'static str,
    /// Variables that name the host and the database.
    pub host_env: &'static str,
    pub database_env: &'static str,
    /// With one of these it sends nothing that changes anything.
    pub quiet: &'static str,
    /// With one of these it reads no standard input; `*` means it never does.
    pub no_stdin: &'static str,
    /// With one of these the database is this machine's copy for development.
    pub local: &'static str,
}

const NONE: Client = Client {
    names: "",
    sub: "",
    flavour: Flavour::Other,
    commands: Commands::None,
    place: Where::Server,
    operands: Operands::Database,
    options: "",
    sql: "",
    files: "",
    host: "",
    port: "",
    port_env: "",
    database: "",
    host_env: "",
    database_env: "",
    quiet: "--help --version",
    no_stdin: "",
    local: "",
};

const SQLITE: &str = "-cmd= --cmd= -init= --init= -separator= --separator= -newline= --newline= -nullvalue= --nullvalue= \
    -mmap= --mmap= -maxsize= --maxsize= -vfs= --vfs= -key= -hexkey= -textkey= -escape= --escape= -lookaside== \
    -pagecache== -A -append --append -ascii --ascii -bail --bail -batch --batch -box --box -column --column -csv --csv \
    -deserialize --deserialize -echo --echo -header --header -headers -noheader --noheader -help --help -html --html \
    -ifexists -interactive --interactive -json --json -jsonlines -line --line -list --list -markdown --markdown -memtrace \
    -nofollow --nofollow -quote --quote -readonly --readonly -safe --safe -stats --stats -table --table -tabs --tabs \
    -unsigned -unredacted -version --version -zip -c= -s= -f= -no-stdin -storage_version= -ui";

const MYSQL: &str = "-e= --execute= --init-command= -D= --database= -h= --host= -u= --user= -p? --password? -P= --port= -S= \
    --socket= --protocol= --defaults-file= --defaults-extra-file= --defaults-group-suffix= --login-path= --delimiter= \
    --default-character-set= --prompt= --pager? --tee= --ssl-mode= --ssl-ca= --ssl-cert= --ssl-key= --ssl-capath= \
    --ssl-cipher= --plugin-dir= --connect-timeout= --max-allowed-packet= --net-buffer-length= --bind-address= \
    --compression-algorithms= --tls-version= -A -b -B -c -C -E -f -G -H -i -I -j -L -m -n -N -o -q -r -s -t -T -U -v -V \
    -w -W -X -? --batch --silent --skip-column-names --table --verbose --force --raw --quick --safe-updates \
    --i-am-a-dummy --no-defaults --compress --column-names --html --xml --vertical --binary-mode --comments --reconnect \
    --show-warnings --no-auto-rehash --auto-rehash --unbuffered --wait --ssl --skip-ssl --one-database --line-numbers \
    --skip-line-numbers --no-beep --sql --js --py --version --help --local-infile? --uri= --file= -F= --schema=";

/// The programs that send SQL.
const CLIENTS: &[Client] = &[
    Client {
        names: "psql",
        flavour: Flavour::Postgres,
        commands: Commands::Psql,
        options: "-c= --command= -f= --file= -d= --dbname= -h= --host= -p= --port= -U= --username= -v= --set= \
            --variable= -F= --field-separator= -L= --log-file= -o= --output= -P= --pset= -R= --record-separator= -T= \
            --table-attr= -a -A -b -e -E -H -l -n -q -s -S -t -V -w -W -x -X -z -0 -1 -? --echo-all --no-align \
            --echo-errors --echo-queries --echo-hidden --html --list --no-readline --quiet --single-step --single-line \
            --tuples-only --version --no-password --password --expanded --no-psqlrc --single-transaction --csv \
            --field-separator-zero --record-separator-zero --help?",
        sql: "-c --command",
        files: "-f --file",
        host: "-h --host",
        database: "-d --dbname",
        port: "-p --port",
        port_env: "PGPORT",
        host_env: "PGHOST PGHOSTADDR",
        database_env: "PGDATABASE",
        quiet: "-l --list -V --version --help -?",
        no_stdin: "-c --command -f --file",
        ..NONE
    },
    Client {
        names: "pgcli usql",
        flavour: Flavour::Postgres,
        commands: Commands::Psql,
        options: "-c= --command= -f= --file= -d= --dbname= -h= --host= -p= --port= -u= -U= --username= --user= -v= \
            --set= -o= --out= -P= --pset= -w -W -q -t -A -x -X -1 --single-transaction --csv --json -J -C --list",
        sql: "-c --command",
        files: "-f --file",
        host: "-h --host",
        database: "-d --dbname",
        host_env: "PGHOST",
        database_env: "PGDATABASE",
        no_stdin: "-c --command -f --file",
        ..NONE
    },
    Client {
        names: "cockroach",
        sub: "sql",
        flavour: Flavour::Postgres,
        commands: Commands::Psql,
        options: "-e= --execute= -f= --file= --url= --host= -d= --database= -u= --user= -p= --port= --format= \
            --certs-dir= --set= --insecure --echo-sql --safe-updates",
        sql: "-e --execute",
        files: "-f --file",
        host: "--host",
        database: "--url -d --database",
        host_env: "COCKROACH_HOST",
        database_env: "COCKROACH_URL",
        no_stdin: "-e --execute -f --file",
        ..NONE
    },
    Client {
        names: "mysql mariadb mycli mysqlsh",
        flavour: Flavour::MySql,
        commands: Commands::MySql,
        options: MYSQL,
        sql: "-e --execute --init-command",
        files: "--file -F",
        host: "-h --host",
        database: "--uri -D --database --schema",
        port: "-P --port",
        port_env: "MYSQL_TCP_PORT",
        host_env: "MYSQL_HOST",
        no_stdin: "-e --execute --file",
        quiet: "-V --version -? --help",
        ..NONE
    },
    Client {
        names: "dolt",
        sub: "sql",
        flavour: Flavour::MySql,
        place: Where::File,
        operands: Operands::None,
        options: "-q= --query= -f= --file= -r= --result-format= -x= -b --batch -c --continue",
        sql: "-q --query",
        files: "-f --file",
        no_stdin: "-q --query -f --file",
        ..NONE
    },
    Client {
        names: "sqlite3 sqlite litecli",
        flavour: Flavour::Sqlite,
        commands: Commands::Dot,
        place: Where::File,
        operands: Operands::DatabaseAndSql,
        options: SQLITE,
        sql: "-cmd --cmd",
        files: "-init --init",
        quiet: "-readonly --readonly -version --version -help --help",
        ..NONE
    },
    Client {
        names: "duckdb",
        flavour: Flavour::DuckDb,
        commands: Commands::Dot,
        place: Where::File,
        operands: Operands::DatabaseAndSql,
        options: SQLITE,
        sql: "-c -s -cmd --cmd",
        files: "-f -init --init",
        quiet: "-readonly --readonly -version --version -help --help",
        no_stdin: "-c -s -f -no-stdin",
        ..NONE
    },
    Client {
        names: "clickhouse-client clickhouse-local",
        options: CLICKHOUSE,
        operands: Operands::None,
        sql: "-q --query",
        files: "--queries-file",
        host: "-h --host",
        database: "-d --database",
        no_stdin: "-q --query --queries-file",
        ..NONE
    },
    Client {
        names: "clickhouse",
        sub: "client",
        options: CLICKHOUSE,
        operands: Operands::None,
        sql: "-q --query",
        files: "--queries-file",
        host: "-h --host",
        database: "-d --database",
        no_stdin: "-q --query --queries-file",
        ..NONE
    },
    Client {
        names: "sqlcmd",
        flavour: Flavour::MsSql,
        commands: Commands::Sqlcmd,
        operands: Operands::None,
        options: "-Q= -q= -i= -S= -d= -U= -P= -o= -s= -w= -h= -l= -t= -v= -a= -c= -m= -V= -u -x -X? -b -C -E -G -I -k? -N? \
            -n -p? -r? -R -W -y= -Y= -z= -Z= -f= -K= -H= -A -e -j -L? -M -D -g -?",
        sql: "-Q -q",
        files: "-i",
        host: "-S",
        database: "-d",
        host_env: "SQLCMDSERVER",
        database_env: "SQLCMDDBNAME",
        no_stdin: "-Q -q -i",
        quiet: "-?",
        ..NONE
    },
    Client {
        names: "sqlplus sqlcl",
        options: "-S -s -L -l -M= -R= -C= -F -f -H -V -nolog",
        sql: "",
        quiet: "-V -H",
        ..NONE
    },
    Client {
        names: "snowsql snow",
        place: Where::Cloud,
        operands: Operands::None,
        options: "-q= --query= -f= --filename= -a= --accountname= -u= --username= -d= --dbname= -s= --schemaname= -r= \
            --rolename= -w= --warehouse= -o= --options= -c= --connection= -D= --variable= --config= -v",
        sql: "-q --query",
        files: "-f --filename",
        database: "-d --dbname",
        no_stdin: "-q --query -f --filename",
        ..NONE
    },
    Client {
        names: "cockroach",
        sub: "sql",
        flavour: Flavour::Postgres,
        options: "--url= -e= --execute= -f= --file= -d= --database= --host= -p= --port= -u= --user= --certs-dir= --format= \
            --insecure --set= --watch= -s= --echo-sql",
        sql: "-e --execute",
        files: "-f --file",
        host: "--host",
        database: "--url -d --database",
        no_stdin: "-e --execute -f --file",
        ..NONE
    },
    Client {
        names: "hive spark-sql beeline",
        options: "-e= -f= -i= -u= -n= -p= -d= --database= --hiveconf= --hivevar= --conf= --master= --jars= -S --silent -v \
            --verbose --outputformat= --showHeader=",
        sql: "-e",
        files: "-f -i",
        host: "-u",
        database: "--database",
        no_stdin: "-e -f",
        ..NONE
    },
    Client {
        names: "trino presto",
        options: "--execute= -f= --file= --server= --catalog= --schema= --user= --output-format= --session= --source= \
            --keystore-path= --keystore-password= --truststore-path= --client-tags= --password --debug --ignore-errors",
        sql: "--execute",
        files: "-f --file",
        host: "--server",
        database: "--catalog",
        no_stdin: "--execute -f --file",
        ..NONE
    },
    Client {
        names: "bq",
        sub: "query",
        place: Where::Cloud,
        operands: Operands::Sql,
        options: "--use_legacy_sql? --nouse_legacy_sql --project_id= --dataset_id= --location= --format= -n= --max_rows= \
            --destination_table= --parameter= --maximum_bytes_billed= --label= --job_id= --dry_run --batch --quiet \
            --replace --append_table --nouse_cache --sync --nosync",
        database: "--dataset_id --project_id",
        quiet: "--dry_run --help",
        ..NONE
    },
    Client {
        names: "wrangler",
        sub: "d1 execute",
        flavour: Flavour::Sqlite,
        place: Where::Cloud,
        options: "--command= --file= --env= -e= -c= --config= --persist-to= --local --remote --preview --json --yes -y",
        sql: "--command",
        files: "--file",
        local: "--local",
        no_stdin: "*",
        ..NONE
    },
    Client {
        names: "turso",
        sub: "db shell",
        flavour: Flavour::Sqlite,
        commands: Commands::Dot,
        place: Where::Cloud,
        operands: Operands::DatabaseAndSql,
        options: "--location= --instance= --proxy=",
        ..NONE
    },
    Client {
        names: "heroku",
        sub: "pg:psql",
        flavour: Flavour::Postgres,
        commands: Commands::Psql,
        place: Where::Cloud,
        options: "-c= --command= -f= --file= -a= --app= -r= --remote= --credential=",
        sql: "-c --command",
        files: "-f --file",
        database: "-a --app",
        no_stdin: "-c --command -f --file",
        ..NONE
    },
    Client {
        names: "railway",
        sub: "connect",
        flavour: Flavour::Postgres,
        commands: Commands::Psql,
        place: Where::Cloud,
        options: "-e= --environment= -p= --project= -s= --service=",
        ..NONE
    },
    Client {
        names: "prisma",
        sub: "db execute",
        operands: Operands::None,
        options: "--file= --schema= --url= --config= --stdin -h --help",
        files: "--file",
        database: "--url",
        no_stdin: "--file",
        ..NONE
    },
    Client {
        names: "wp",
        sub: "db query",
        flavour: Flavour::MySql,
        operands: Operands::Sql,
        options: "--path= --url= --ssh= --user= --skip-plugins? --skip-themes? --allow-root --quiet",
        ..NONE
    },
    DRUSH,
    Client { sub: "sqlq", ..DRUSH },
    Client { sub: "sqlc", operands: Operands::None, files: "", ..DRUSH },
    Client {
        names: "typeorm typeorm-ts-node-commonjs typeorm-ts-node-esm",
        sub: "query",
        operands: Operands::Sql,
        options: "-d= --dataSource=",
        no_stdin: "*",
        ..NONE
    },
    RAILS,
    Client { sub: "db", ..RAILS },
    Client {
        names: "fly flyctl",
        sub: "postgres connect",
        flavour: Flavour::Postgres,
        commands: Commands::Psql,
        place: Where::Cloud,
        operands: Operands::None,
        options: "-c= --command= -a= --app= -d= --database= -u= --user= -p= --password=",
        sql: "-c --command",
        database: "-a --app",
        no_stdin: "-c --command",
        ..NONE
    },
    Client {
        names: "cqlsh",
        operands: Operands::None,
        options: "-e= --execute= -f= --file= -u= --username= -p= --password= -k= --keyspace= --ssl -C --color --no-color --request-timeout=",
        sql: "-e --execute",
        files: "-f --file",
        no_stdin: "-e --execute -f --file",
        ..NONE
    },
    Client {
        names: "aws",
        sub: "rds-data execute-statement",
        place: Where::Cloud,
        operands: Operands::None,
        options: "--sql= --resource-arn= --secret-arn= --database= --schema= --region= --profile= --parameters= \
            --transaction-id= --output= --query=",
        sql: "--sql",
        database: "--database",
        no_stdin: "*",
        ..NONE
    },
];

const DRUSH: Client = Client {
    names: "drush",
    sub: "sql:query",
    flavour: Flavour::MySql,
    operands: Operands::Sql,
    options: "--file= --uri= -l= -r= --root= -y --yes --extra= --result-file= --db-prefix",
    files: "--file",
    ..NONE
};

const RAILS: Client = Client {
    names: "rails",
    sub: "dbconsole",
    flavour: Flavour::Postgres,
    commands: Commands::Psql,
    operands: Operands::None,
    options: "-p --include-password -e= --environment= --db= --database= --mode=",
    ..NONE
};

const CLICKHOUSE: &str = "-q= --query= --queries-file= -h= --host= --port= -d= --database= -u= --user= --password= -f= \
    --format= --config-file= -C= --file= -S= --structure= -N= --table= --input-format= --output-format= -n -m -t -s \
    --multiquery --multiline --time --secure --progress --echo --stacktrace --ignore-error --verbose";

const KNOWN: Names = names_of!(CLIENTS, names);

/// The rows of a program, if it sends SQL.
pub(super) fn find(name: &str) -> impl Iterator<Item = &'static Client> {
    let known = KNOWN.may_hold(name);
    CLIENTS.iter().filter(move |client| known && is_one_of(name, client.names))
}
