"""A scheduler of task objects with queues of packets, after Richards."""

from __future__ import annotations

GROUP = "never"
ARGS = (55_000,)


class Packet:
    def __init__(self, link, ident, kind):
        self.link = link
        self.ident = ident
        self.kind = kind
        self.data = [0, 0, 0, 0]

    def append_to(self, queue):
        self.link = None
        if queue is None:
            return self
        packet = queue
        while packet.link is not None:
            packet = packet.link
        packet.link = self
        return queue


class Task:
    def __init__(self, ident, priority, scheduler):
        self.ident = ident
        self.priority = priority
        self.scheduler = scheduler
        self.queue = None
        self.ready = True
        self.held = False
        scheduler.add(self)

    def accept(self, packet):
        self.queue = packet.append_to(self.queue)
        self.ready = True

    def take(self):
        packet = self.queue
        if packet is not None:
            self.queue = packet.link
            packet.link = None
        return packet

    def step(self):
        raise NotImplementedError


class Device(Task):
    def __init__(self, ident, scheduler):
        super().__init__(ident, 50 + ident, scheduler)
        self.served = 0

    def step(self):
        packet = self.take()
        if packet is None:
            self.ready = False
            return
        self.served += 1
        packet.data[self.served % 4] += packet.ident
        self.scheduler.send(packet, "handler")


class Handler(Task):
    def __init__(self, ident, scheduler, devices):
        super().__init__(ident, 30, scheduler)
        self.devices = devices
        self.turn = 0

    def step(self):
        packet = self.take()
        if packet is None:
            self.ready = False
            return
        if packet.kind == "work":
            self.turn = (self.turn + 1) % len(self.devices)
            packet.kind = "device"
            self.scheduler.send(packet, self.devices[self.turn])
        else:
            packet.kind = "work"
            self.scheduler.send(packet, "worker")


class Worker(Task):
    def __init__(self, ident, scheduler):
        super().__init__(ident, 20, scheduler)
        self.count = 0

    def step(self):
        packet = self.take()
        if packet is None:
            self.ready = False
            return
        self.count += 1
        packet.ident = (packet.ident * 7 + self.count) % 26
        packet.kind = "work"
        self.scheduler.send(packet, "handler")


class Scheduler:
    def __init__(self):
        self.tasks = []
        self.names = {}
        self.sent = 0

    def add(self, task):
        self.tasks.append(task)
        self.tasks.sort(key=lambda each: -each.priority)

    def send(self, packet, name):
        self.sent += 1
        self.names[name].accept(packet)

    def run(self, rounds):
        for _ in range(rounds):
            for task in self.tasks:
                if task.ready and not task.held:
                    task.step()


def run(rounds):
    scheduler = Scheduler()
    scheduler.names["disk"] = Device(1, scheduler)
    scheduler.names["net"] = Device(2, scheduler)
    scheduler.names["tape"] = Device(3, scheduler)
    scheduler.names["handler"] = Handler(4, scheduler, ["disk", "net", "tape"])
    scheduler.names["worker"] = Worker(5, scheduler)
    for i in range(6):
        scheduler.send(Packet(None, i, "work"), "handler")
        scheduler.send(Packet(None, i, "work"), "worker")
    total = 0
    for _ in range(20):
        scheduler.run(rounds)
        total += scheduler.sent
    return total, scheduler.names["worker"].count, [scheduler.names[n].served for n in ("disk", "net", "tape")]
