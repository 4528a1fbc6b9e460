// Artillery's clock for arrivals looks at the time as often as it can, which fills the core that Redis, Kafka and all
// clients share with it. This one sleeps for a millisecond and then lets in who is due.
import { createRequire } from "node:module";

const NanoTimer = createRequire(import.meta.url)("nanotimer");
const MS_OF = { s: 1_000, m: 1, u: 1 / 1_000, n: 1 / 1e6 };
const timers = new WeakMap();

/** @param {() => void} task @param {unknown} _args @param {string} interval a number and its unit */
NanoTimer.prototype.setInterval = function (task, _args, interval) {
	const everyMs = Number.parseFloat(interval) * MS_OF[interval.at(-1)];
	const startedAt = performance.now();
	let done = 0;
	const timer = setInterval(() => {
		const due = Math.floor((performance.now() - startedAt) / everyMs);
		for (; done < due && timers.get(this) === timer; done++) task();
	}, 1);
	timers.set(this, timer);
};

NanoTimer.prototype.clearInterval = function () {
	clearInterval(timers.get(this));
	timers.delete(this);
};
