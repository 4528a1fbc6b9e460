import { Discoverers } from "moleculer";

const LOOK_EVERY_MS = 250;

/**
 * Upstream's, but it looks for silent nodes often: upstream looks only as often as it has patience, so that a node which
 * froze just after a look would be called for twice as long.
 */
export class Discoverer extends Discoverers.Local {
	override startHeartbeatTimers(): void {
		super.startHeartbeatTimers();
		clearInterval(this.checkNodesTimer);
		this.checkNodesTimer = setInterval(() => this.checkRemoteNodes(), LOOK_EVERY_MS).unref();
	}
}
