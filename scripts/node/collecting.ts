/**
 * Imported before anything that allocates: V8 shall not guess which objects live long. It guesses by a look at what
 * happens to be alive, so rows of a page that is just being read go to the old generation from then on, and all that
 * they hold survives each collection of the young one, until all of the heap is marked (docs/performance.md).
 */
import { setFlagsFromString } from "node:v8";

setFlagsFromString("--no-allocation-site-pretenuring");
