"""Why: a real mail server from Debian, in a folder and on a port of its own: postfix takes mail for halden.example into one mailbox.
Postfix's master must be root; without that, or without postfix, `unavailable` says why."""
import email
import email.policy
import glob
import os
import shutil
import subprocess

from .server import free_port

MAIN = """compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/lib
myhostname = mail.halden.example
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
local_transport = error:no local mail here
virtual_mailbox_domains = halden.example
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = static:box/
virtual_minimum_uid = 1
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
smtpd_tls_security_level = none
biff = no
"""
MASTER = """127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
tlsmgr unix - - n 1000? 1 tlsmgr
scache unix - - n - 1 scache
pickup unix n - n 60 1 pickup
flush unix n - n 1000? 0 flush
showq unix n - n - - showq
smtp unix - - n - - smtp
relay unix - - n - - smtp
local unix - n n - - local
postlog unix-dgram n - n - 1 postlogd
"""


class Postfix:
    def __init__(self, folder, certificate=None):
        """`folder` must be reachable for the user postfix. `certificate`: (certificate, key) files: it takes mail encrypted only."""
        self.unavailable = None
        if os.getuid() != 0:
            self.unavailable = "postfix can only be started by root"
        elif not shutil.which("postfix", path="/usr/sbin:/usr/bin:/sbin"):
            self.unavailable = "postfix is not installed"
        if self.unavailable:
            return
        self.folder, self.port = folder, free_port()
        self.config = os.path.join(folder, "config")
        for name in ("config", "queue", "lib", "mail/box"):
            os.makedirs(os.path.join(folder, name))
        os.chmod(folder, 0o755)
        shutil.chown(os.path.join(folder, "lib"), "postfix")
        for name in ("mail", "mail/box"):
            os.chown(os.path.join(folder, name), 65534, 65534)
        for name, text in (("main.cf", MAIN), ("master.cf", MASTER)):
            with open(os.path.join(self.config, name), "w") as file:
                file.write(text.format(folder=folder, port=self.port))
        with open(os.path.join(self.config, "main.cf"), "a") as file:
            file.write("maillog_file_prefixes = %s\nmaillog_file = %s/log\n" % (folder, folder))
            if certificate:
                file.write("smtpd_tls_cert_file = %s\nsmtpd_tls_key_file = %s\nsmtpd_tls_security_level = encrypt\n" % certificate)
        result = self.command("start")
        if result.returncode != 0:
            raise AssertionError("postfix did not start: " + result.stdout)

    def command(self, verb):
        return subprocess.run(["/usr/sbin/postfix", "-c", self.config, verb], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    @property
    def url(self):
        return "smtp://127.0.0.1:%d" % self.port

    def mails(self):
        found = []
        for path in sorted(glob.glob(os.path.join(self.folder, "mail/box/new/*")), key=os.path.getmtime):
            with open(path, "rb") as file:
                found.append(email.message_from_binary_file(file, policy=email.policy.default))
        return found

    def log(self):
        try:
            with open(os.path.join(self.folder, "log"), errors="replace") as file:
                return file.read()
        except OSError:
            return ""

    def stop(self):
        if not self.unavailable:
            self.command("stop")
