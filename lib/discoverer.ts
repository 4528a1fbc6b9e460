import { Discoverers } from "moleculer";

const LOOK_EVERY_MS = 250;

/** Upstream's, but what others have to know of a node, or it of them, is known sooner. */
export class Discoverer extends Discoverers.Local {
	/** Upstream tells a second after the last service has started, in which a node that takes clients hears nothing. */
	override init(registry: Parameters<Discoverers.Local["init"]>[0]): void {
		super.init(registry);
		this.broker.localBus.on("$broker.started", () => {
			this.sendLocalNodeInfo().catch(err =>
				this.logger.warn("The other nodes were not told of this one.", err),
			);
		});
	}

	/** Upstream looks only as often as it has patience: a node that froze just after a look would be called for twice as long. */
	override startHeartbeatTimers(): void {
		super.startHeartbeatTimers();
		clearInterval(this.checkNodesTimer);
		this.checkNodesTimer = setInterval(() => this.checkRemoteNodes(), LOOK_EVERY_MS).unref();
	}
}
