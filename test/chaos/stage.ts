/** PostgreSQL, Redis, Kafka and nodes of our own, as processes that can be treated badly, and a line on each link. */
import { randomBytes } from "node:crypto";
import { ISSUER } from "../../load/stage/tokens.ts";
import { type Front, type FrontName, startFront } from "../support/front.ts";
import { Place } from "../support/place.ts";
import { proxy, type TcpProxy } from "../support/proxy.ts";
import {
	freePorts,
	type ServerProcess,
	type StartOptions,
	startKafka,
	startPostgres,
	startRedis,
} from "../support/servers.ts";
import { keepCommitted } from "./rows.ts";

export const SERVERS = ["postgres", "redis", "kafka"] as const;
export type ServerName = (typeof SERVERS)[number];
type Servers = Record<ServerName, ServerProcess>;

/** How a server can be away: by its links, or by itself. */
export const WAYS = ["refused", "blackholed", "frozen", "killed"] as const;
export type Way = (typeof WAYS)[number];

type Env = Record<string, string>;

export interface StageOptions {
	nodes?: number;
	/** Clients come to each node by a line of its own. */
	doors?: boolean;
	/** PostgreSQL's, where it is not the usual one. */
	postgres?: StartOptions;
	/** A Kafka that tells its clients its own addresses: no line leads to it. */
	kafka?: () => Promise<ServerProcess>;
}

export interface InstallOptions {
	/** Of the nodes' variables what differs; of each node by its place. */
	env?: Env;
	envs?: readonly Env[];
	/** Another checkout, for nodes of changed source. */
	root?: string;
	/** What people come through, where they do not come to the nodes themselves. */
	front?: FrontName;
	/** Of the places so many, the last ones, have no node yet. */
	later?: number;
}

/** How a node has ended that was told to. */
export interface Farewell {
	code: number | null | undefined;
	ms: number;
}

export interface Installation {
	namespace: string;
	/** Signs the tokens of its users. */
	secret: string;
	env: Env;
	envs: readonly Env[];
	/** Where the nodes' source is, where it is not this one. */
	root?: string;
}

/** Of nodes behind a proxy, as in docker-compose.yml. */
const BEHIND: Env = { CHAT_TRUSTED_PROXIES: "127.0.0.1", CHAT_DRAIN_DELAY: "3" };

export class Stage {
	readonly servers: Servers;
	readonly places: readonly Place[];
	/** The line of clients to each place, where there are such lines. */
	readonly doors: readonly TcpProxy[];
	#installation: Installation | undefined;
	#front: Front | undefined;

	private constructor(servers: Servers, places: readonly Place[], doors: readonly TcpProxy[]) {
		this.servers = servers;
		this.places = places;
		this.doors = doors;
	}

	/** Starts the servers, and prepares places for so many nodes. */
	static async start({
		nodes = 2,
		doors = false,
		postgres: options = {},
		kafka: open,
	}: StageOptions = {}): Promise<Stage> {
		const ports = open ? [] : await freePorts(nodes);
		const lines = await Promise.all(ports.map(port => proxy(`127.0.0.1:${port}`)));
		const told = lines.map(({ url }, i) => ({ port: ports[i] as number, advertised: url }));
		const started = await Promise.allSettled([
			startPostgres(options),
			startRedis(),
			open?.() ?? startKafka({ doors: told }),
		]);
		const failed = started.find(outcome => outcome.status === "rejected");
		if (failed) {
			for (const outcome of started) if (outcome.status === "fulfilled") await outcome.value.stop();
			throw failed.reason;
		}
		const [postgres, redis, kafka] = started.map(
			outcome => (outcome as PromiseFulfilledResult<ServerProcess>).value,
		) as [ServerProcess, ServerProcess, ServerProcess];
		const places = await Promise.all(
			Array.from({ length: nodes }, (_, i) => {
				const line = lines[i];
				return Place.prepare({ postgres: postgres.url, redis: redis.url, ...(line && { kafka: line }) });
			}),
		);
		const own = doors ? await Promise.all(places.map(({ url }) => proxy(url))) : [];
		return new Stage({ postgres, redis, kafka }, places, own);
	}

	get installation(): Installation {
		if (!this.#installation) throw new Error("Nothing is installed on this stage yet.");
		return this.#installation;
	}

	/** Where clients come to. */
	get urls(): string[] {
		if (this.doors.length > 0) return this.doors.map(({ port }) => `http://127.0.0.1:${port}`);
		return this.#front ? [this.#front.url] : this.gateways;
	}

	/** Of the nodes that have a gateway, or will have one. */
	get gateways(): string[] {
		const { envs } = this.installation;
		const isGateway = (i: number) => (envs[i]?.SERVICES ?? "gateway").split(",").includes("gateway");
		return this.places.filter((_, i) => isGateway(i)).map(({ url }) => url);
	}

	/** Starts the nodes of an installation of their own. */
	async install({ env = {}, envs = [], root, front, later = 0 }: InstallOptions = {}): Promise<Installation> {
		const secret = randomBytes(32).toString("hex");
		const namespace = `chaos_${randomBytes(4).toString("hex")}`;
		this.#installation = {
			namespace,
			secret,
			env: {
				CHAT_NAMESPACE: namespace,
				CHAT_JWT_ISSUERS: JSON.stringify([{ ...ISSUER, secret }]),
				CHAT_KAFKA_PARTITIONS: "3",
				CHAT_WEB: "off",
				...(!this.places[0]?.links.kafka && { CHAT_KAFKA_BROKERS: this.servers.kafka.url }),
				...(front && BEHIND),
				...env,
			},
			envs,
			...(root && { root }),
		};
		await this.#startNodes(this.places.slice(0, this.places.length - later));
		if (front) this.#front = await startFront(front, this.gateways);
		await keepCommitted(this.servers.postgres.url, namespace);
		return this.#installation;
	}

	/** All of them are there or none comes any more, also where one fails. */
	async #startNodes(places = this.places): Promise<void> {
		const started = await Promise.allSettled(places.map(place => this.startNode(place)));
		const failed = started.find(outcome => outcome.status === "rejected");
		if (failed) throw failed.reason;
	}

	/** @param root where the source of this one is, where it is another than the others' */
	async startNode(place: Place, root = this.installation.root): Promise<void> {
		const { env, envs } = this.installation;
		await place.start({ ...env, ...envs[this.places.indexOf(place)] }, root);
	}

	/** Kill -9. */
	async killNode(place: Place): Promise<void> {
		await place.node?.kill9();
	}

	/** As an operator does it: the node ends by itself, and one of other source takes its place. */
	async replaceNode(place: Place, root: string): Promise<Farewell> {
		const startedAt = Date.now();
		const code = await place.node?.stop();
		const ms = Date.now() - startedAt;
		await this.killNode(place);
		await this.startNode(place, root);
		return { code, ms };
	}

	async killNodes(): Promise<void> {
		await Promise.all(this.places.map(place => this.killNode(place)));
	}

	/** Kill -9 of every process at one moment. */
	async killAll(): Promise<void> {
		await Promise.all([this.killNodes(), ...Object.values(this.servers).map(server => server.kill9())]);
	}

	/** All of it again, on the same ports and data. */
	async reviveAll(): Promise<void> {
		await Promise.all(Object.values(this.servers).map(server => server.restart()));
		await this.#startNodes();
	}

	/** Takes a server away from all nodes. */
	async away(server: ServerName, way: Way): Promise<void> {
		if (way === "killed") await this.servers[server].kill9();
		else if (way === "frozen") await this.servers[server].sigstop();
		else
			await Promise.all(
				this.lines(server).map(line => (way === "refused" ? line.refuse() : line.blackhole())),
			);
	}

	/** Gives it back. */
	async back(server: ServerName, way: Way): Promise<void> {
		if (way === "killed") await this.servers[server].restart();
		else if (way === "frozen") await this.servers[server].sigcont();
		else await Promise.all(this.lines(server).map(line => line.pass()));
	}

	/** The line of each node to a server, to be cut, delayed, or to lose answers. */
	lines(server: ServerName): TcpProxy[] {
		return this.places.flatMap(({ links }) => links[server] ?? []);
	}

	/** How each node that is not there any more has ended by itself: its exit code, or the signal of an abort or of the kernel. */
	get ended(): (number | string)[] {
		return this.places.flatMap(({ node }) => node?.child.exitCode ?? node?.child.signalCode ?? []);
	}

	async stop(): Promise<void> {
		await Promise.allSettled([this.killNodes(), this.#front?.stop()]);
		await Promise.allSettled([...this.places, ...this.doors].map(one => one.close()));
		await Promise.allSettled(Object.values(this.servers).map(server => server.stop()));
	}
}
