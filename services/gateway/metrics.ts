import { METRIC, type ServiceBroker } from "moleculer";

const SOCKETS = "parley.sockets";
const ROOMS = "parley.rooms";

const LOOK_EVERY_MS = 1_000;

/** What this gateway carries: for graphs, and for whoever decides how many gateways there are. @returns what ends it */
export function exposeLoad(
	broker: ServiceBroker,
	load: () => { sockets: number; rooms: number },
): () => void {
	if (!broker.isMetricsEnabled()) return () => {};
	const { metrics } = broker;
	const type = METRIC.TYPE_GAUGE;
	metrics.register({ type, name: SOCKETS, description: "Sockets that are signed in at this gateway" });
	metrics.register({ type, name: ROOMS, description: "Chats that the sockets of this gateway hear" });
	const look = () => {
		const { sockets, rooms } = load();
		metrics.set(SOCKETS, sockets);
		metrics.set(ROOMS, rooms);
	};
	look();
	const timer = setInterval(look, LOOK_EVERY_MS);
	return () => clearInterval(timer);
}
