"""An interpreter of a small Lisp: reader, environments, closures, and programs that run on it."""

from __future__ import annotations

import operator

GROUP = "ordinary"
ARGS = (26, 340)

PROGRAM = """
(define fib (lambda (n) (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2))))))
(define range (lambda (a b) (if (< a b) (cons a (range (+ a 1) b)) (list))))
(define map (lambda (f xs) (if (empty? xs) xs (cons (f (first xs)) (map f (rest xs))))))
(define fold (lambda (f start xs) (if (empty? xs) start (fold f (f start (first xs)) (rest xs)))))
(define counter (lambda () (let ((n 0)) (lambda (step) (begin (set! n (+ n step)) n)))))
(define prime? (lambda (n k) (cond ((< n (* k k)) true) ((= 0 (% n k)) false) (else (prime? n (+ k 1))))))
"""


class Symbol(str):
    pass


class SchemeError(Exception):
    pass


class Environment(dict):
    def __init__(self, names=(), values=(), outer=None):
        super().__init__(zip(names, values))
        self.outer = outer

    def find(self, name):
        environment = self
        while environment is not None:
            if name in environment:
                return environment
            environment = environment.outer
        raise SchemeError(f"unbound: {name}")


class Procedure:
    def __init__(self, parameters, body, environment):
        self.parameters = parameters
        self.body = body
        self.environment = environment

    def __call__(self, *arguments):
        if len(arguments) != len(self.parameters):
            raise SchemeError(f"takes {len(self.parameters)} arguments")
        return evaluate(self.body, Environment(self.parameters, arguments, self.environment))


def tokens(text):
    return text.replace("(", " ( ").replace(")", " ) ").split()


def read(words):
    word = words.pop(0)
    if word == "(":
        form = []
        while words[0] != ")":
            form.append(read(words))
        words.pop(0)
        return form
    try:
        return int(word)
    except ValueError:
        return Symbol(word)


def read_all(text):
    words = tokens(text)
    while words:
        yield read(words)


def evaluate(form, environment):
    while True:
        if isinstance(form, Symbol):
            return environment.find(form)[form]
        if not isinstance(form, list):
            return form
        head = form[0]
        if head == "if":
            form = form[2] if evaluate(form[1], environment) else form[3]
        elif head == "cond":
            for test, value in form[1:]:
                if test == "else" or evaluate(test, environment):
                    form = value
                    break
        elif head == "define":
            environment[form[1]] = evaluate(form[2], environment)
            return None
        elif head == "set!":
            environment.find(form[1])[form[1]] = evaluate(form[2], environment)
            return None
        elif head == "lambda":
            return Procedure(form[1], form[2], environment)
        elif head == "begin":
            for part in form[1:-1]:
                evaluate(part, environment)
            form = form[-1]
        elif head == "let":
            values = [evaluate(value, environment) for _, value in form[1]]
            environment = Environment([name for name, _ in form[1]], values, environment)
            form = form[2]
        else:
            function, *arguments = [evaluate(part, environment) for part in form]
            if isinstance(function, Procedure):
                if len(arguments) != len(function.parameters):
                    raise SchemeError(f"{head} takes {len(function.parameters)} arguments")
                environment = Environment(function.parameters, arguments, function.environment)
                form = function.body
            else:
                return function(*arguments)


def builtins():
    environment = Environment()
    environment.update({
        "+": operator.add, "-": operator.sub, "*": operator.mul, "%": operator.mod, "<": operator.lt,
        "=": operator.eq, "list": lambda *items: list(items), "cons": lambda item, items: [item, *items],
        "first": lambda items: items[0], "rest": lambda items: items[1:], "empty?": lambda items: not items,
        "true": True, "false": False,
    })  # fmt: skip
    return environment


def run(depth, length):
    world = builtins()
    results = []
    text = PROGRAM + f"""
        (fib {depth})
        (define up (counter))
        (map up (range 0 60))
        (fold (lambda (a b) (+ a (if b 1 0))) 0 (map (lambda (n) (prime? n 2)) (range 2 {length // 2})))
        (fold + 0 (map (lambda (x) (* x x)) (range 0 60)))
        (fold (lambda (a b) (+ (* a 31) b)) 7 (range 0 70))
        (nowhere 1)
        (fib 1 2)
    """
    for form in read_all(text):
        try:
            value = evaluate(form, world)
        except SchemeError as problem:
            value = str(problem)
        if value is not None:
            results.append(value)
    return results
