import { expect, test } from "@jest/globals";
import { type Facts, problemsOf, type Resource } from "../../scripts/check/manifests.ts";

const FACTS: Facts = { version: "1.2.3", services: ["gateway"], metrics: ["parley_sockets"] };
const LABELS = { app: "gateway" };

const secret = (name: string) => ({ name, valueFrom: { secretKeyRef: { name: "parley", key: name } } });

const container = () => ({
	image: "registry.example:5000/parley:1.2.3",
	envFrom: [{ configMapRef: { name: "config" } }],
	env: [
		...["CHAT_DATABASE_URL", "CHAT_REDIS_URL", "CHAT_JWT_SECRET"].map(secret),
		{ name: "SERVICES", value: "gateway" } as Record<string, unknown>,
	],
	ports: [
		{ name: "http", containerPort: 3000 },
		{ name: "metrics", containerPort: 3030 },
	],
	startupProbe: { httpGet: { path: "/health/liveness", port: "http" } },
	livenessProbe: { httpGet: { path: "/health/liveness", port: "http" } },
	readinessProbe: { httpGet: { path: "/health/readiness", port: "http" } },
	lifecycle: { preStop: { exec: { command: ["sleep", "5"] } } },
	securityContext: {
		allowPrivilegeEscalation: false,
		readOnlyRootFilesystem: true,
		capabilities: { drop: ["ALL"] },
	},
	resources: { requests: { memory: "1Gi" }, limits: { memory: "1Gi" } } as Record<string, unknown>,
});

const pod = () => ({
	automountServiceAccountToken: false,
	enableServiceLinks: false,
	terminationGracePeriodSeconds: 30,
	securityContext: { runAsNonRoot: true, runAsUser: 1000 },
	containers: [container()],
});

/** Everything that there is to a gateway, all of it right. */
const installation = () => ({
	config: {
		kind: "ConfigMap",
		metadata: { name: "config" },
		data: { CHAT_METRICS_PORT: "3030", CHAT_SHUTDOWN_TIMEOUT: "20" } as Record<string, string>,
	},
	deployment: {
		kind: "Deployment",
		metadata: { name: "gateway" },
		spec: {
			selector: { matchLabels: { ...LABELS } },
			template: {
				metadata: { labels: { ...LABELS }, annotations: { "prometheus.io/port": "3030" } },
				spec: pod(),
			},
		},
	},
	service: {
		kind: "Service",
		metadata: { name: "parley" },
		spec: { selector: { ...LABELS }, ports: [{ name: "http", port: 80, targetPort: "http" }] },
	},
	budget: {
		kind: "PodDisruptionBudget",
		metadata: { name: "gateway" },
		spec: { selector: { matchLabels: { ...LABELS } } },
	},
	scaler: {
		kind: "HorizontalPodAutoscaler",
		metadata: { name: "gateway" },
		spec: {
			scaleTargetRef: { name: "gateway" },
			metrics: [{ pods: { metric: { name: "parley_sockets" } } }],
		},
	},
	policy: {
		kind: "NetworkPolicy",
		metadata: { name: "gateway" },
		spec: { podSelector: { matchLabels: { ...LABELS } }, ingress: [{ ports: [{ port: "http" }] }] },
	},
	ingress: {
		kind: "Ingress",
		metadata: { name: "parley" },
		spec: {
			rules: [{ http: { paths: [{ backend: { service: { name: "parley", port: { name: "http" } } } }] } }],
		},
	},
});

type Installation = ReturnType<typeof installation>;

const problems = (all: Installation, more: Resource[] = []) =>
	problemsOf([...Object.values(all), ...more], FACTS);
const podOf = ({ deployment }: Installation) => deployment.spec.template.spec;
const containerOf = (all: Installation) => podOf(all).containers[0] as ReturnType<typeof container>;

test("manifests that fit each other are right", () => {
	expect(problems(installation())).toEqual([]);
});

test.each<[string, (all: Installation) => void, RegExp]>([
	["a selector of other pods", all => (all.service.spec.selector.app = "x"), /Service parley selects other/],
	[
		"a deployment of others",
		all => (all.deployment.spec.selector.matchLabels.app = "x"),
		/Deployment gateway sel/,
	],
	[
		"a budget for nobody",
		all => (all.budget.spec.selector.matchLabels.app = "x"),
		/has no disruption budget/,
	],
	[
		"a policy for nobody",
		all => (all.policy.spec.podSelector.matchLabels.app = "x"),
		/has no network policy/,
	],
	[
		"an autoscaler of another",
		all => (all.scaler.spec.scaleTargetRef.name = "x"),
		/is for x, which is not there/,
	],
	["a probe of no port", all => (containerOf(all).livenessProbe.httpGet.port = "web"), /no port web/],
	["no probe", all => Reflect.deleteProperty(containerOf(all), "readinessProbe"), /has no readinessProbe/],
	[
		"a service's port that no pod has",
		all => (all.service.spec.ports = [port("http", "web")]),
		/Service parley: .* web/,
	],
	[
		"a policy's port that no pod has",
		all => (all.policy.spec.ingress = [{ ports: [{ port: "x" }] }]),
		/no port x/,
	],
	[
		"an ingress to no port",
		all => (all.service.spec.ports = [port("web", "http")]),
		/Ingress parley leads to/,
	],
	[
		"a port that the node does not open",
		all => (all.config.data.CHAT_METRICS_PORT = "3031"),
		/is not CHAT_METRICS/,
	],
	[
		"a scrape of no port",
		all => (annotationsOf(all)["prometheus.io/port"] = "9"),
		/Prometheus: .* no port 9/,
	],
	["an unknown variable", all => (all.config.data.CHAT_PROT = "1"), /CHAT_PROT is no variable/],
	[
		"a value that cannot be",
		all => (all.config.data.CHAT_SHUTDOWN_TIMEOUT = "soon"),
		/must be a whole number/,
	],
	["a secret in the open", all => (all.config.data.CHAT_KAFKA_PASSWORD = "x"), /has to be named as a secret/],
	["a secret that is missing", all => containerOf(all).env.shift(), /names no secret for CHAT_DATABASE_URL/],
	["a service that is not there", all => (containerOf(all).env[3] = services("gateway,x")), /names x, which/],
	[
		"a service that nobody runs",
		all => (containerOf(all).env[3] = services("x")),
		/No pod runs the service gateway/,
	],
	[
		"an image without a version",
		all => (containerOf(all).image = "parley"),
		/runs parley, and this is 1.2.3/,
	],
	["a pod that is root", all => (podOf(all).securityContext.runAsUser = 0), /runs as root/],
	["a writable root", all => (secured(all).readOnlyRootFilesystem = false), /may write to its image/],
	["more rights later", all => (secured(all).allowPrivilegeEscalation = true), /may become more/],
	["capabilities", all => (secured(all).capabilities.drop = []), /has capabilities/],
	["a token of the cluster", all => (podOf(all).automountServiceAccountToken = true), /has a token/],
	["variables of services", all => (podOf(all).enableServiceLinks = true), /hears of services/],
	["no memory", all => (containerOf(all).resources = {}), /asks for no memory/],
	["too little time", all => (podOf(all).terminationGracePeriodSeconds = 25), /is killed before/],
	["too long a farewell", all => (all.config.data.CHAT_DRAIN_DELAY = "5"), /is killed before/],
	[
		"a metric that nobody has",
		all => (metricOf(all).name = "sockets"),
		/goes by sockets, which no node exports/,
	],
])("%s is found", (_, spoil, expected) => {
	const all = installation();
	spoil(all);
	expect(problems(all).join("\n")).toMatch(expected);
});

test("a secret that is given is found", () => {
	expect(problems(installation(), [{ kind: "Secret", metadata: { name: "parley" } }])).toEqual([
		expect.stringContaining("Secret parley is given"),
	]);
});

const port = (name: string, targetPort: string) => ({ name, port: 80, targetPort });
const services = (value: string) => ({ name: "SERVICES", value });
const secured = (all: Installation) => containerOf(all).securityContext;
const annotationsOf = ({ deployment }: Installation) =>
	deployment.spec.template.metadata.annotations as Record<string, string>;
const metricOf = ({ scaler }: Installation) =>
	(scaler.spec.metrics[0] as { pods: { metric: { name: string } } }).pods.metric;
