/** Nodes that share the services among them, so that calls go from node to node and may be answered by another. */
import { readdirSync } from "node:fs";
import path from "node:path";

const SERVICES = readdirSync(path.join(import.meta.dirname, "../../../services"));

export const GATEWAY = { SERVICES: "gateway" };
/** Each by itself. */
export const ALONE = SERVICES.map(name => ({ SERVICES: name }));
/** All that is behind a gateway. */
export const WORKER = { SERVICES: SERVICES.filter(name => name !== "gateway").join(",") };
