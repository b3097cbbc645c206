"""Mixed: an interpreter of a small language in the interpreter: tuples, a dictionary, tests of texts."""


def main(n):
    code = [("set", "i", 0), ("set", "s", 0), ("add", "s", "i"), ("inc", "i", 1), ("less", "i", 2), ("end", "s", 0)]
    return execute(code, n)


def execute(code, limit):
    variables = {}
    at = 0
    while True:
        op, name, value = code[at]
        at += 1
        if op == "set":
            variables[name] = value
        elif op == "add":
            variables[name] = variables[name] + variables[value]
        elif op == "inc":
            variables[name] = variables[name] + value
        elif op == "less":
            if variables[name] < limit:
                at = value
        else:
            return variables[name]
