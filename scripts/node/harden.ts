/**
 * Imported before anything else: what `node --disable-proto=delete` does, also where the process was started
 * without it. A `__proto__` that arrives in a body is then a name like any other.
 */
Reflect.deleteProperty(Object.prototype, "__proto__");

export {};
