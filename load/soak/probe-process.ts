/**
 * Loaded into the node that is soaked, before anything else: writes what only the process itself knows, a line of JSON
 * each time, to the file that `PARLEY_PROBE` names.
 */
import { appendFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { isMainThread } from "node:worker_threads";
import { Listeners } from "./listeners.ts";

export interface Inside {
	/** Milliseconds since 1970. */
	at: number;
	/** Bytes: the least since the line before, so that garbage that waits for its collection does not count. */
	heap: number;
	/** Of all emitters that have been there for a while. */
	listeners: number;
	/** Milliseconds that the event loop was late. */
	loopP50: number;
	loopP99: number;
}

const EVERY_MS = 5_000;
const LOOK_MS = 50;
const RESOLUTION_MS = 5;

const file = process.env.PARLEY_PROBE;
if (file && isMainThread) {
	const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
	delay.enable();
	const listeners = new Listeners();
	let heap = Number.POSITIVE_INFINITY;
	setInterval(() => {
		heap = Math.min(heap, process.memoryUsage().heapUsed);
	}, LOOK_MS).unref();
	setInterval(() => {
		// It counts from one tick to the next, the tick itself included.
		const late = (nanos: number) => Math.max(0, nanos / 1e6 - RESOLUTION_MS);
		const line: Inside = {
			at: Date.now(),
			heap,
			listeners: listeners.count(),
			loopP50: late(delay.percentile(50)),
			loopP99: late(delay.percentile(99)),
		};
		appendFileSync(file, `${JSON.stringify(line)}\n`);
		heap = Number.POSITIVE_INFINITY;
		delay.reset();
	}, EVERY_MS).unref();
}
