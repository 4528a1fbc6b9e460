import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import { startInDocker } from "./docker.ts";
import { hasDocker, needProgram, run } from "./install.ts";
import { makeFolder, startNative } from "./native.ts";
import { freePorts } from "./ports.ts";
import type { ServerProcess, Settings, StartOptions } from "./types.ts";

const POM = path.join(import.meta.dirname, "kafka-pom.xml");
const CLUSTER_ID = "UGFybGV5LXRlc3RzLTEyMw";

const SETTINGS: Settings = {
	"auto.create.topics.enable": false,
	"offsets.topic.replication.factor": 1,
	"offsets.topic.num.partitions": 4,
	"transaction.state.log.replication.factor": 1,
	"transaction.state.log.min.isr": 1,
	"transaction.state.log.num.partitions": 4,
	"group.initial.rebalance.delay.ms": 0,
	// After kill -9 the controller holds the old registration for this long, and a restart waits for it.
	"broker.session.timeout.ms": 2_000,
	"broker.heartbeat.interval.ms": 500,
};

/** One more port on which it listens: whoever comes in by it is told to go on by `advertised`, as a proxy before it wants. */
interface Door {
	port: number;
	advertised: string;
}

interface KafkaOptions extends StartOptions {
	/** Users that its storage begins with: `SCRAM-SHA-256=[name=ann,password=…]`. */
	scram?: string[];
	doors?: readonly Door[];
	/** Default: it is alone. */
	member?: Member;
}

/** One of several that are a cluster. */
interface Member {
	id: number;
	/** Where the controllers of all of them listen, its own among them: `1@127.0.0.1:9093`. */
	voters: readonly string[];
}

/** One node, broker and controller in one (KRaft). */
export async function startKafka(options: KafkaOptions = {}): Promise<ServerProcess> {
	const [free = 0, controllerPort = 0] = await freePorts(2);
	const port = options.port ?? free;
	const { member = { id: 1, voters: [`1@127.0.0.1:${controllerPort}`] } } = options;
	const url = `127.0.0.1:${port}`;
	const { doors = [] } = options;
	const settings = { ...SETTINGS, ...options.settings };
	if (hasDocker() && !options.native) {
		const alone = { id: 1, voters: ["1@127.0.0.1:9093"] };
		const environment = dockerEnvironment({ ...roles(9092, alone, url, doors), ...settings });
		const more = doors.map(door => door.port);
		return startInDocker("kafka", { url, port, inside: 9092, more, override: { environment }, options });
	}

	const [java, jars] = await Promise.all([needProgram("java", ["openjdk-17-jre-headless"]), kafkaJars()]);
	const folder = await makeFolder("kafka", options.folder);
	const properties = path.join(folder.path, "server.properties");
	const data = path.join(folder.path, "data");
	const all = { ...roles(port, member, url, doors), ...settings, "log.dirs": data };
	const lines = Object.entries(all).map(([name, value]) => `${name}=${value}`);
	await writeFile(properties, `${lines.join("\n")}\n`);
	const log = `-Dlog4j.configuration=file:${path.join(import.meta.dirname, "kafka-log4j.properties")}`;
	// Short-lived and on few cores: the quick compiler alone and no parallel collector start in half the time.
	const jvm = ["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", log, "-cp", `${jars}/*`];
	if (!existsSync(path.join(data, "meta.properties"))) {
		const users = (options.scram ?? []).flatMap(user => ["--add-scram", user]);
		await run(java, [
			...jvm,
			"kafka.tools.StorageTool",
			"format",
			"-t",
			CLUSTER_ID,
			"-c",
			properties,
			...users,
		]);
	}
	return startNative({
		name: "Kafka",
		url,
		port,
		folder,
		command: java,
		args: [...jvm, "kafka.Kafka", properties],
		stopSignal: "SIGTERM",
		ready: async output => output.includes("Kafka Server started"),
	});
}

function roles(port: number, { id, voters }: Member, advertised: string, doors: readonly Door[]): Settings {
	const controller = voters.find(voter => voter.startsWith(`${id}@`))?.split("@")[1];
	const host = port === 9092 && hasDocker() ? "0.0.0.0" : "127.0.0.1";
	const names = ["PLAINTEXT", ...doors.map((_, n) => `DOOR${n}`)];
	const ports = [port, ...doors.map(door => door.port)];
	const told = [advertised, ...doors.map(door => door.advertised)];
	return {
		"process.roles": "broker,controller",
		"node.id": id,
		"controller.quorum.voters": voters.join(","),
		"controller.listener.names": "CONTROLLER",
		...(doors.length > 0 && { "inter.broker.listener.name": "PLAINTEXT" }),
		"listener.security.protocol.map": ["CONTROLLER", ...names].map(name => `${name}:PLAINTEXT`).join(","),
		listeners: [
			...names.map((name, i) => `${name}://${host}:${ports[i]}`),
			`CONTROLLER://${controller}`,
		].join(","),
		"advertised.listeners": names.map((name, i) => `${name}://${told[i]}`).join(","),
	};
}

/** The image takes `log.dirs` as `KAFKA_LOG_DIRS`. */
function dockerEnvironment(settings: Settings): Record<string, string> {
	const entries = Object.entries(settings).map(([name, value]) => [
		`KAFKA_${name.toUpperCase().replaceAll(".", "_")}`,
		String(value),
	]);
	return Object.fromEntries(entries);
}

/** Of the one that is started where there is no Docker. */
export async function kafkaVersion(): Promise<string> {
	const pom = await readFile(POM, "utf8");
	return /<artifactId>kafka_[\d.]+<\/artifactId>\s*<version>([^<]+)</.exec(pom)?.[1] ?? "";
}

/** Kafka's jars from Maven Central, in the user's cache folder, so that every clone of the project shares them. */
async function kafkaJars(): Promise<string> {
	const version = await kafkaVersion();
	const cache = path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), ".cache"), "parley");
	const jars = path.join(cache, `kafka-${version}`);
	if (existsSync(jars)) return jars;

	const mvn = await needProgram("mvn", ["maven", "openjdk-17-jre-headless"]);
	process.stderr.write(`Fetching Kafka ${version} from Maven Central …\n`);
	await mkdir(cache, { recursive: true });
	const unfinished = await mkdtemp(path.join(cache, "fetching-"));
	const goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", `-DoutputDirectory=${unfinished}`];
	await run(mvn, ["-q", "-B", "-f", POM, ...goal]);
	// Whole or not at all; where another run was first, its copy is as good.
	await rename(unfinished, jars).catch(async err => {
		await rm(unfinished, { recursive: true, force: true });
		if (!existsSync(jars)) throw err;
	});
	return jars;
}
