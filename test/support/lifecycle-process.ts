/** A process under the node's own lifecycle. Run with how it behaves: fine, hang (a step that never ends), throw, reject. */
import { onStop, superviseProcess } from "../../scripts/node/lifecycle.ts";

const [behaviour] = process.argv.slice(2);
const stay = setInterval(() => {}, 1_000);

superviseProcess();
onStop("the first", async () => {
	clearInterval(stay);
	console.log("first undone");
});
onStop("the last", () => {
	console.log("last undone");
	return behaviour === "hang" ? new Promise(() => {}) : Promise.resolve();
});
console.log("up");
if (behaviour === "throw") {
	setTimeout(() => {
		throw new Error("thrown");
	});
}
if (behaviour === "reject") void Promise.reject(new Error("rejected"));
