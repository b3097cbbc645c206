"""Messages built with the email package, sent through filters as text, parsed again and sorted into folders."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage
from email.utils import parseaddr

GROUP = "ordinary"
ARGS = (830,)

PEOPLE = ("Ann Abel <ann@example.org>", "bob@example.com", '"Cole, Carl" <carl@example.net>', "Dörte <d@example.org>")


class Rule:
    def __init__(self, folder, header, part):
        self.folder = folder
        self.header = header
        self.part = part.lower()
        self.hits = 0

    def matches(self, message):
        found = self.part in str(message.get(self.header, "")).lower()
        self.hits += found
        return found


def write(number):
    message = EmailMessage()
    message["From"] = PEOPLE[number % 4]
    message["To"] = ", ".join(PEOPLE[(number + k) % 4] for k in range(1, number % 3 + 2))
    start = ("Re: ", "", "Fwd: ")[number % 3]
    message["Subject"] = f"{start}Meeting no. {number} about {('plans', 'Grüße')[number % 2]}"
    message["Message-ID"] = f"<{number}@example.org>"
    if number:
        message["In-Reply-To"] = f"<{(number - 1) // 2}@example.org>"
    message.set_content("Hello,\n\n" + f"this is line {number}.\n" * (number % 5 + 1))
    if number % 4 == 0:
        message.add_attachment(b"\x00\x01data" * 20, maintype="application", subtype="octet-stream", filename="a.bin")
    return message.as_string()


def sort(messages, rules):
    folders = {}
    for message in messages:
        for rule in rules:
            if rule.matches(message):
                folders.setdefault(rule.folder, []).append(message)
                break
        else:
            folders.setdefault("inbox", []).append(message)
    return folders


def thread_depth(message, by_id):
    depth = 0
    while message is not None and message["In-Reply-To"]:
        message = by_id.get(message["In-Reply-To"])
        depth += 1
    return depth


def run(count):
    texts = [write(number) for number in range(count)]
    messages = [email.message_from_string(text, policy=email.policy.default) for text in texts]
    rules = [Rule("replies", "subject", "re:"), Rule("ann", "from", "ANN@"), Rule("greetings", "subject", "grüße")]
    folders = sort(messages, rules)
    by_id = {message["Message-ID"]: message for message in messages}
    depths = [thread_depth(message, by_id) for message in messages[::10]]
    senders = {}
    attachments = 0
    for message in messages:
        address = parseaddr(message["From"])[1]
        senders[address] = senders.get(address, 0) + 1
        for part in message.walk():
            attachments += part.get_filename() is not None
    body = messages[-1].get_body().get_content()
    sizes = {folder: len(each) for folder, each in folders.items()}
    return sizes, max(depths), sorted(senders.items()), attachments, body, [rule.hits for rule in rules]
