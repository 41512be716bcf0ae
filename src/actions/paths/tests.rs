//! Tests of `paths`.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::model::{Call, Input, Piece, Shape};

/// A call from blank-separated words: `$x` is an unknown word, `$@` any number of them, a word
/// with `*` in it an active pattern unless it stands in single quotes.
fn call(line: &str) -> Call {
    let mut words = shell_words::split(&line.replace('\'', "\u{1}'")).unwrap().into_iter().map(|word| {
        let quoted = word.starts_with('\u{1}');
        let word = word.replace('\u{1}', "");
        let mut text = Text::default();
        match word.split_once('$') {
            Some((start, "@")) if start.is_empty() => {
                text.push_str(start);
                text.append(&Text::hole("$@", Shape::Any).into_many());
            }
            Some((start, name)) => {
                let (name, end) = name.split_once('/').map_or((name, None), |(n, e)| (n, Some(e)));
                if !start.is_empty() {
                    text.push_str(start);
                }
                text.append(&Text::hole(format!("${name}"), Shape::Any));
                if let Some(end) = end {
                    text.push_str(&format!("/{end}"));
                }
            }
            None if word.contains('*') && !quoted => text.push(Piece::Glob(word)),
            None => text.push_str(&word),
        }
        text
    });
    let program = words.next().unwrap();
    Call { program, args: words.collect(), ..Call::default() }
}

/// The effects in short: `delete! x` is a deletion of `x` with all below it.
fn short(line: &str) -> String {
    let effects = effects(&call(line));
    let one = |effect: &PathEffect| {
        let op = match effect.op {
            PathOp::Delete => "delete",
            PathOp::Empty => "empty",
            PathOp::Overwrite => "overwrite",
            PathOp::Modify => "modify",
            PathOp::MoveAway => "move",
            PathOp::Permissions => "mode",
            PathOp::Destroy => "destroy",
            PathOp::Touch => "touch",
            PathOp::Unhook => "unhook",
        };
        format!("{op}{} {}", if effect.recursive { "!" } else { "" }, effect.path.display())
    };
    effects.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn all(table: &[(&str, &str)]) {
    for (line, wanted) in table {
        assert_eq!(short(line), *wanted, "{line}");
    }
}

#[test]
fn deletions() {
    all(&[
        ("rm a b", "delete a, delete b"),
        ("/bin/rm -rf dir", "delete! dir"),
        ("rm -fr -- -x", "delete! -x"),
        ("rm dir -R", "delete! dir"),
        ("rm --recur dir", "delete! dir"),
        ("rm -i x", "delete x"),
        ("rm --no-preserve-root -rf /", "delete! /"),
        ("rm $x", "delete $x"),
        ("rm $@ dir", "delete $@, delete! dir"),
        ("rm --help", ""),
        ("rmdir a", ""),
        ("unlink a", "delete a"),
        ("grm -r a", "delete! a"),
        ("shred -u -n 3 a", "destroy a"),
        ("srm -r a", "destroy! a"),
        ("rimraf dist 'x/**'", "delete! dist, delete! x/**"),
        ("shx rm -rf a", "delete! a"),
        ("trash a", ""),
        ("gio trash a", ""),
        ("ls a", ""),
    ]);
}

#[test]
fn moves_and_copies() {
    all(&[
        ("mv a b", "move! a, overwrite b, overwrite b/a"),
        ("mv a b/", "move! a, overwrite b/a"),
        ("mv x/a y/b dir", "move! x/a, move! y/b, overwrite dir/a, overwrite dir/b"),
        ("mv -t dir a", "move! a, overwrite dir/a"),
        ("mv --target=dir a", "move! a, overwrite dir/a"),
        ("mv -T a b", "move! a, overwrite b"),
        ("mv -n a b", "move! a, modify b, modify b/a"),
        ("mv a /dev/null", "delete! a"),
        ("mv x/*.c dir", "move! x/*.c, overwrite dir, overwrite dir/*.c"),
        ("cp a b", "overwrite b, overwrite b/a"),
        ("cp -a src/. dir", "overwrite! dir, overwrite! dir/*"),
        ("cp -nr a b", "modify! b, modify! b/a"),
        ("cp --update=none a b", "modify b, modify b/a"),
        ("cp --backup a b", "modify b, modify b/a"),
        ("cp /dev/null a", "empty a, empty a/null"),
        ("cp --parents x/a dir/", "overwrite dir/x/a"),
        ("install -m 755 a /usr/local/bin/", "overwrite /usr/local/bin/a"),
        ("install -d a b", ""),
        ("ln -s a b", "modify b, modify b/a"),
        ("ln -sfn a b", "overwrite b, overwrite b/a"),
        ("ln -s ../x/hook", "modify hook"),
        ("cp $x dir/", "overwrite dir/$x"),
    ]);
}

#[test]
fn transfers() {
    all(&[
        ("rsync -a --delete src/ dst", "delete! dst, overwrite! dst"),
        ("rsync -a --delete src dst", "delete! dst/src, overwrite! dst"),
        ("rsync -a --delete-excluded src/ host:dst", ""),
        ("rsync -avn --delete src/ dst", ""),
        ("rsync -a --exclude x --del host:src/ dst", "delete! dst, overwrite! dst"),
        ("rsync --remove-source-files a host:b", "move! a"),
        ("rsync -e 'ssh -p 22' a b", "overwrite b"),
        ("scp -r host:a dir/", "overwrite! dir/a"),
        ("scp -P 22 host:x/a .", "overwrite ./a"),
        ("scp a host:b", ""),
        ("scp -r -f a", ""),
        ("scp -t a", "overwrite a"),
    ]);
}

#[test]
fn writes() {
    all(&[
        ("truncate -s 0 a", "empty a"),
        ("truncate --size=0K a b", "empty a, empty b"),
        ("truncate -s $n a", "empty a"),
        ("truncate -s +10 a", "modify a"),
        ("truncate -s100 a", "modify a"),
        ("tee a b", "overwrite a, overwrite b"),
        ("tee -a a", "modify a"),
        ("dd if=x of=y", "overwrite y"),
        ("dd if=/dev/zero of=/dev/sda bs=1M", "empty /dev/sda"),
        ("dd if=x of=y conv=notrunc,fsync", "modify y"),
        ("dd if=/dev/null of=y", "empty y"),
        ("dd if=x of=$dir/y", "overwrite $dir/y"),
        ("sed -i s/a/b/ f g", "modify f, modify g"),
        ("sed -i.bak -e s/a/b/ f", "modify f"),
        ("sed --in-place s/a/b/ f", "modify f"),
        ("sed s/a/b/ f", ""),
        ("perl -pi -e s/a/b/ f", "modify f"),
        ("perl -i.bak -pe s/a/b/ f", "modify f"),
        ("perl -e 1 f", ""),
        ("gawk -i inplace '{print}' f", "modify f"),
        ("sort -o a b", "overwrite a"),
        ("sort b", ""),
        ("curl -sSLo a https://x.example", "overwrite a"),
        ("curl --output a https://x.example", "overwrite a"),
        ("wget -qO- https://x.example", ""),
        ("wget -O a https://x.example", "overwrite a"),
        ("patch f x.diff", "modify f"),
        ("tar xzf a.tgz -C dir", "modify! dir"),
        ("tar -C dir -xzf a.tgz", "modify! dir"),
        ("tar xzf a.tgz", ""),
        ("tar czf a.tgz x", "overwrite a.tgz"),
        ("tar -czf - x", ""),
        ("tar -cf a.tar --remove-files x y", "overwrite a.tar, move! x, move! y"),
        ("zip -rm a.zip x", "move! x"),
    ]);
}

#[test]
fn permissions() {
    all(&[
        ("chmod +x a", "mode a"),
        ("chmod -x a", "mode a"),
        ("chmod -R 777 a", "mode! a"),
        ("chmod --reference=b a", "mode a"),
        ("chown -R me:us a", "mode! a"),
        ("chgrp us a b", "mode a, mode b"),
        ("chgrp $@ a", "mode a"),
        ("chgrp $@ us a", "mode! us, mode! a"),
        ("setfacl -R -m u:me:rwx a", "mode! a"),
        ("chattr -R +i a", "mode! a"),
    ]);
}

#[test]
fn disks() {
    all(&[
        ("mkfs.ext4 -L data /dev/sdb1", "destroy /dev/sdb1"),
        ("mkfs -t xfs /dev/sdb1", "destroy /dev/sdb1"),
        ("mke2fs -n /dev/sdb1", ""),
        ("mkswap /dev/sdb2", "destroy /dev/sdb2"),
        ("wipefs /dev/sdb", ""),
        ("wipefs -a /dev/sdb", "destroy /dev/sdb"),
        ("blkdiscard -f /dev/nvme0n1", "destroy /dev/nvme0n1"),
        ("fdisk -l /dev/sda", ""),
        ("fdisk /dev/sda", "destroy /dev/sda"),
        ("sfdisk -d /dev/sda", ""),
        ("sgdisk -n 1:0:0 /dev/sda", "destroy /dev/sda"),
        ("sgdisk --zap-all /dev/sda", "destroy /dev/sda"),
        ("sgdisk -p /dev/sda", ""),
        ("parted /dev/sda print", ""),
        ("parted -s /dev/sda mklabel gpt", "destroy /dev/sda"),
        ("badblocks -sv /dev/sda", ""),
        ("badblocks -wsv /dev/sda", "destroy /dev/sda"),
        ("cryptsetup luksFormat /dev/sda2", "destroy /dev/sda2"),
        ("cryptsetup luksDump /dev/sda2", ""),
        ("cryptsetup open /dev/sda2 x", ""),
        ("mdadm --zero-superblock /dev/sdb", "destroy /dev/sdb"),
        ("mdadm --detail /dev/md0", ""),
        ("hdparm --user-master u --security-erase p /dev/sda", "destroy /dev/sda"),
        ("hdparm -I /dev/sda", ""),
        ("nvme format /dev/nvme0n1", "destroy /dev/nvme0n1"),
        ("nvme list", ""),
    ]);
}

#[test]
fn finds() {
    all(&[
        ("find . -delete", "delete! ."),
        ("find -delete", "delete! ."),
        ("find a b -type f -delete", "delete! a, delete! b"),
        ("find . -name '*.pyc' -delete", "delete ./**/*.pyc, delete ./**/.*.pyc"),
        ("find . -maxdepth 1 -name 'x*' -delete", "delete ./x*"),
        ("find . -name .DS_Store -type f -delete", "delete ./**/.DS_Store"),
        ("find . ( -name a -o -name b ) -delete", "delete ./**/a, delete ./**/b"),
        ("find . -name a -o -name b -delete", "delete ./**/b"),
        ("find . -iname 'a' -delete", "delete ./**/[aA]"),
        ("find . ! -name a -delete", "delete ./**"),
        ("find a -mtime +7 -delete", "delete a/**"),
        ("find . -path '*/__pycache__/*' -delete", "delete ./**/__pycache__/**"),
        ("find . -empty -delete", ""),
        ("find . -type d -empty -delete", ""),
        ("find /tmp -mindepth 1 -delete", "delete! /tmp/*"),
        ("find . -name x", ""),
        ("find $dir -delete", "delete! $dir"),
    ]);
}

#[test]
fn windows() {
    all(&[
        (r"rmdir /s /q 'd:\'", r"delete! d:\"),
        (r"rd /S/Q 'C:\x'", r"delete! C:\x"),
        (r"cmd /c rd /s /q 'D:\a'", r"delete! D:\a"),
        (r"cmd.exe /c 'del /f /q x.txt'", "delete x.txt"),
        (r#"cmd /c 'rmdir /s /q "E:\a b"'"#, r"delete! E:\a b, delete! E:\"),
        ("del /s /q x", "delete! x"),
        ("Remove-Item -Recurse -Force x", "delete! x"),
        ("Remove-Item -LiteralPath x -WhatIf", ""),
        ("powershell -NoProfile -Command 'Remove-Item -Rec -Force x, y'", "delete! x, delete! y"),
        ("pwsh -c 'ls; rm -r x'", "delete! x"),
        ("ForEach-Object { Remove-Item -LiteralPath $f -Recurse }", "delete! $f"),
        ("Remove-Item -Recurse", "delete! what is piped to Remove-Item"),
        ("cmd /c dir", ""),
    ]);
}

#[test]
fn input_of_tee_is_what_is_written() {
    let mut tee = call("tee x");
    tee.input = Input::Text(Text::known("hello").into());
    assert_eq!(effects(&tee)[0].content, Some(Text::known("hello")));
    tee.input = Input::Empty;
    assert_eq!(effects(&tee)[0].op, PathOp::Empty);
}

#[test]
fn redirections() {
    let op = |append, empties| redirect(Text::known("x"), append, empties, None).op;
    assert_eq!(op(false, false), PathOp::Overwrite);
    assert_eq!(op(true, false), PathOp::Modify);
    assert_eq!(op(false, true), PathOp::Empty);
    assert_eq!(op(true, true), PathOp::Modify);
}

#[test]
fn a_value_keeps_its_unknown_part() {
    let mut mv = call("mv a");
    let mut option = Text::known("-t");
    option.append(&Text::hole("$DIR", Shape::Any));
    mv.args.push(option);
    assert_eq!(effects(&mv)[1].path.display(), "$DIR/a");
}
