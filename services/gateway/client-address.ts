/** From where a client comes, as far as it can be known. */
import type { IncomingMessage } from "node:http";
import { BlockList, isIP, isIPv6 } from "node:net";

type Asked = Pick<IncomingMessage, "headers" | "socket">;

interface Peer {
	address: string;
	isTrusted: boolean;
}

const FORWARDED_MAX = 20;

/** Knows the proxies whose word is taken; anybody else's X-Forwarded-… is ignored. */
export class Proxies {
	readonly #trusted = new BlockList();
	/** What is at the other end of a connection, which does not change. */
	readonly #peers = new WeakMap<object, Peer>();

	constructor(networks: readonly string[]) {
		for (const network of networks) {
			const [address = "", prefix] = network.split("/");
			const family = isIPv6(address) ? "ipv6" : "ipv4";
			if (prefix === undefined) this.#trusted.addAddress(address, family);
			else this.#trusted.addSubnet(address, Number(prefix), family);
		}
	}

	/** The nearest address that is none of ours: what stands left of it could have been written by anyone. */
	addressOf(req: Asked): string {
		const peer = this.#peerOf(req);
		let { address } = peer;
		if (!peer.isTrusted) return address;
		const hops = String(req.headers["x-forwarded-for"] ?? "").split(",");
		for (const hop of hops.slice(-FORWARDED_MAX).reverse()) {
			const next = plain(hop.trim());
			if (isIP(next) === 0) break;
			address = next;
			if (!this.trusts(address)) break;
		}
		return address;
	}

	/** The host that the client asked for; a trusted proxy may have replaced it. */
	hostOf(req: Asked): string {
		const forwarded = req.headers["x-forwarded-host"];
		const trusted = forwarded !== undefined && this.#peerOf(req).isTrusted;
		return (trusted ? String(forwarded) : (req.headers.host ?? "")).toLowerCase();
	}

	#peerOf({ socket }: Asked): Peer {
		const known = this.#peers.get(socket);
		if (known) return known;
		const address = plain(socket.remoteAddress ?? "");
		const peer = { address, isTrusted: this.trusts(address) };
		// One that is closed no longer says where it came from.
		if (address !== "") this.#peers.set(socket, peer);
		return peer;
	}

	trusts(address: string): boolean {
		const version = isIP(address);
		return version !== 0 && this.#trusted.check(address, version === 4 ? "ipv4" : "ipv6");
	}
}

/** An IPv4 address that came by an IPv6 socket is the same client. */
function plain(address: string): string {
	return address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, "");
}

/** What limits count by: an IPv6 customer has a whole /64 to choose addresses from. */
export function addressKey(address: string): string {
	if (!isIPv6(address)) return address;
	const [head = "", tail] = (address.split("%")[0] ?? "").toLowerCase().split("::");
	const left = head === "" ? [] : head.split(":");
	const right = tail ? tail.split(":") : [];
	const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
	const groups = [...left, ...Array<string>(zeros).fill("0"), ...right];
	return `${groups
		.slice(0, 4)
		.map(group => group.replace(/^0+(?=.)/, ""))
		.join(":")}::/64`;
}
