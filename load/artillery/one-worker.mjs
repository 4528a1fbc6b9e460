// Artillery starts a worker for each core but one, and divides the arrivals among them; all sockets of a run are in one,
// on one core, as the comparison needs it.
import os from "node:os";

const cores = os.cpus().slice(0, 2);
os.cpus = () => cores;
