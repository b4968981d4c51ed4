// A preload: the process that has it lives one day ago.
const dayMs = 86_400_000;
const realNow = Date.now;

globalThis.Date = new Proxy(Date, {
  construct(RealDate, args) {
    return Reflect.construct(RealDate, args.length === 0 ? [realNow() - dayMs] : args);
  },
});
Date.now = () => realNow() - dayMs;
