/**
 * Loaded into the node that is soaked, before anything else: writes what only the process itself knows, a line of JSON
 * each time, to the file that `PARLEY_PROBE` names.
 */
import { appendFileSync } from "node:fs";
import {
	constants,
	monitorEventLoopDelay,
	type NodeGCPerformanceDetail,
	PerformanceObserver,
} from "node:perf_hooks";
import { isMainThread } from "node:worker_threads";
import { Listeners } from "./listeners.ts";

export interface Inside {
	/** Milliseconds since 1970. */
	at: number;
	/** Bytes that the last whole collection has left: garbage that waits for the next one does not count. */
	heap: number;
	/** Of all emitters that have been there for a while. */
	listeners: number;
	/** Milliseconds that the event loop was late. */
	loopP50: number;
	loopP99: number;
}

const EVERY_MS = 5_000;
/** After a collection, whose pages are swept while the process goes on. */
const SWEEP_MS = 1_000;
const LOOK_MS = 50;
const RESOLUTION_MS = 5;

const file = process.env.PARLEY_PROBE;
if (file && isMainThread) {
	const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
	delay.enable();
	const listeners = new Listeners();
	let heap = process.memoryUsage().heapUsed;
	let sweptAt = 0;
	new PerformanceObserver(list => {
		// Its types say that no entry has a detail.
		const isWhole = (entry: object) =>
			(entry as { detail: NodeGCPerformanceDetail }).detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR;
		if (!list.getEntries().some(isWhole)) return;
		heap = process.memoryUsage().heapUsed;
		sweptAt = performance.now() + SWEEP_MS;
	}).observe({ type: "gc" });
	setInterval(() => {
		if (performance.now() < sweptAt) heap = Math.min(heap, process.memoryUsage().heapUsed);
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
		delay.reset();
	}, EVERY_MS).unref();
}
