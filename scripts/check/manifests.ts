/** What is wrong with rendered manifests of Kubernetes, where each by itself is right and they do not fit each other or us. */
import type { Variable } from "../../lib/env.ts";
import { PREFIX, VARIABLES } from "../../lib/variables.ts";

type Labels = Record<string, string>;

export interface Resource {
	kind: string;
	metadata: { name: string; labels?: Labels };
	// biome-ignore lint/suspicious/noExplicitAny: each kind has a shape of its own, which Kubernetes checks
	spec?: any;
	data?: Record<string, string>;
}

/** What the manifests speak of and do not hold. */
export interface Facts {
	version: string;
	/** Folders of services/. */
	services: string[];
	/** Names of our own metrics, as Prometheus has them. */
	metrics: string[];
}

/** What a deployment or a job makes. */
interface Pod {
	owner: Resource;
	labels: Labels;
	annotations: Labels;
	spec: Resource["spec"];
	container: Resource["spec"];
	/** Name → value; null where it comes from a secret. */
	env: Map<string, string | null>;
}

interface All {
	resources: Resource[];
	pods: Pod[];
	facts: Facts;
}

type Rule = (all: All) => string[];

const nameOf = ({ kind, metadata }: Resource) => `${kind} ${metadata.name}`;
const of = (resources: Resource[], kind: string) => resources.filter(resource => resource.kind === kind);
const fits = (labels: Labels, selector: Labels = {}) =>
	Object.entries(selector).every(([name, value]) => labels[name] === value);

export function problemsOf(resources: Resource[], facts: Facts): string[] {
	const all = { resources, facts, pods: podsOf(resources) };
	return RULES.flatMap(rule => rule(all));
}

function podsOf(resources: Resource[]): Pod[] {
	return [...of(resources, "Deployment"), ...of(resources, "Job")].map(owner => {
		const { metadata, spec } = owner.spec.template;
		const [container] = spec.containers;
		const env = new Map<string, string | null>();
		for (const { configMapRef } of container.envFrom ?? []) {
			const map = of(resources, "ConfigMap").find(({ metadata }) => metadata.name === configMapRef?.name);
			for (const [name, value] of Object.entries(map?.data ?? {})) env.set(name, value);
		}
		for (const { name, value, valueFrom } of container.env ?? [])
			env.set(name, valueFrom?.secretKeyRef ? null : (value ?? ""));
		return {
			owner,
			labels: metadata.labels ?? {},
			annotations: metadata.annotations ?? {},
			spec,
			container,
			env,
		};
	});
}

/** Who selects pods, and by what. */
function selectorsOf({ kind, spec }: Resource): Labels[] {
	if (kind === "Service") return [spec.selector];
	if (kind === "PodDisruptionBudget") return [spec.selector.matchLabels];
	if (kind === "NetworkPolicy") return [spec.podSelector.matchLabels];
	if (kind !== "Deployment") return [];
	const spread = spec.template.spec.topologySpreadConstraints ?? [];
	return [spec.selector, ...spread.map((one: Resource["spec"]) => one.labelSelector)].map(
		({ matchLabels }) => matchLabels,
	);
}

const selectors: Rule = ({ resources, pods }) =>
	resources.flatMap(resource =>
		selectorsOf(resource)
			.filter(selector => {
				const chosen = pods.filter(({ labels }) => fits(labels, selector));
				return resource.kind === "Deployment"
					? !chosen.some(({ owner }) => owner === resource) || chosen.length > 1
					: chosen.length === 0;
			})
			.map(selector => `${nameOf(resource)} selects other pods than it means: ${JSON.stringify(selector)}.`),
	);

/** Each deployment may be disturbed only so far, grows and shrinks, and no pod may speak with just anybody. */
const company: Rule = ({ resources, pods }) => {
	const targets = of(resources, "HorizontalPodAutoscaler").map(({ spec }) => spec.scaleTargetRef.name);
	const owners = new Set(of(resources, "Deployment").map(({ metadata }) => metadata.name));
	const chosen = (kind: string, { labels }: Pod) =>
		of(resources, kind).some(resource => fits(labels, selectorsOf(resource)[0]));
	return [
		...targets
			.filter(name => !owners.has(name))
			.map(name => `An autoscaler is for ${name}, which is not there.`),
		...pods.flatMap(pod => {
			const isDeployed = pod.owner.kind === "Deployment";
			const lacks = [
				!chosen("NetworkPolicy", pod) && "network policy",
				isDeployed && !chosen("PodDisruptionBudget", pod) && "disruption budget",
				isDeployed && !targets.includes(pod.owner.metadata.name) && "autoscaler",
			];
			return lacks.filter(Boolean).map(what => `${nameOf(pod.owner)} has no ${what}.`);
		}),
	];
};

/** What a pod listens on, by name and number. */
function portsOf({ container }: Pod): Set<string | number> {
	const ports: { name: string; containerPort: number }[] = container.ports ?? [];
	return new Set(ports.flatMap(({ name, containerPort }) => [name, containerPort]));
}

const PROBES = ["startupProbe", "livenessProbe", "readinessProbe"] as const;

const ports: Rule = ({ resources, pods }) => {
	const problems: string[] = [];
	const need = (who: string, pod: Pod, port: string | number) => {
		if (!portsOf(pod).has(port)) problems.push(`${who}: ${nameOf(pod.owner)} has no port ${port}.`);
	};
	for (const pod of pods) {
		const who = nameOf(pod.owner);
		for (const probe of PROBES) {
			if (pod.container[probe]) need(`Its ${probe}`, pod, pod.container[probe].httpGet.port);
			else if (pod.owner.kind === "Deployment") problems.push(`${who} has no ${probe}.`);
		}
		const scraped = pod.annotations["prometheus.io/port"];
		if (scraped) need("Prometheus", pod, Number(scraped));
		for (const { name, containerPort } of pod.container.ports ?? []) {
			const variable = name === "http" ? "CHAT_PORT" : "CHAT_METRICS_PORT";
			const value = pod.env.get(variable) ?? VARIABLES[variable].fallback;
			if (String(containerPort) !== value) problems.push(`${who}: its port ${name} is not ${variable}.`);
		}
	}
	for (const resource of resources) {
		const [selector] = selectorsOf(resource);
		const chosen = pods.filter(({ labels }) => selector && fits(labels, selector));
		for (const pod of chosen) {
			if (resource.kind === "Service")
				for (const { targetPort, port } of resource.spec.ports)
					need(nameOf(resource), pod, targetPort ?? port);
			if (resource.kind === "NetworkPolicy")
				for (const { ports = [] } of resource.spec.ingress ?? [])
					for (const { port } of ports) need(nameOf(resource), pod, port);
		}
	}
	return problems;
};

const ingresses: Rule = ({ resources }) =>
	of(resources, "Ingress").flatMap(ingress =>
		ingress.spec.rules
			.flatMap(({ http }: Resource["spec"]) => http.paths)
			.filter(({ backend: { service } }: Resource["spec"]) => {
				const found = of(resources, "Service").find(({ metadata }) => metadata.name === service.name);
				return !found?.spec.ports.some(
					({ name, port }: Resource["spec"]) => name === service.port.name || port === service.port.number,
				);
			})
			.map(() => `${nameOf(ingress)} leads to a service or port that is not there.`),
	);

const variables: Rule = ({ pods }) =>
	pods.flatMap(({ owner, env }) =>
		[...env].flatMap(([name, value]) => {
			const variable = (VARIABLES as Record<string, Variable<unknown>>)[name];
			if (!variable) return [`${nameOf(owner)}: ${name} is no variable of this version.`];
			if (value === null || value === "") return [];
			if (variable.secret) return [`${nameOf(owner)}: ${name} is given, and has to be named as a secret.`];
			// Files are in the pod, not here.
			if (name.endsWith("_FILE")) return [];
			try {
				variable.parse(value);
				return [];
			} catch (err) {
				return [`${nameOf(owner)}: ${name} ${(err as Error).message}.`];
			}
		}),
	);

const secrets: Rule = ({ resources, pods }) => [
	...of(resources, "Secret").map(
		secret => `${nameOf(secret)} is given; it has to be made by whoever runs this.`,
	),
	...pods.flatMap(({ owner, env }) =>
		["CHAT_DATABASE_URL", "CHAT_REDIS_URL", "CHAT_JWT_SECRET"]
			.filter(name => env.get(name) !== null)
			.map(name => `${nameOf(owner)} names no secret for ${name}.`),
	),
];

/** All services run somewhere, and none is named that is not there. */
const services: Rule = ({ pods, facts }) => {
	const nodes = pods.filter(({ owner }) => owner.kind === "Deployment");
	const run = new Set(nodes.flatMap(({ env }) => env.get("SERVICES")?.split(",") ?? facts.services));
	const present = new Set(facts.services);
	return [
		...[...run.difference(present)].map(name => `SERVICES names ${name}, which is not there.`),
		...[...present.difference(run)].map(name => `No pod runs the service ${name}.`),
	];
};

const images: Rule = ({ pods, facts }) =>
	pods
		.filter(({ container }) => container.image.split(":").at(-1) !== facts.version)
		.map(({ owner, container }) => `${nameOf(owner)} runs ${container.image}, and this is ${facts.version}.`);

const hardening: Rule = ({ pods }) =>
	pods.flatMap(({ owner, spec, container }) => {
		const { securityContext: own = {}, resources = {} } = container;
		const wanted: [string, boolean][] = [
			["runs as root", spec.securityContext?.runAsNonRoot === true && spec.securityContext.runAsUser > 0],
			["may write to its image", own.readOnlyRootFilesystem === true],
			["may become more than it is", own.allowPrivilegeEscalation === false],
			["has capabilities", own.capabilities?.drop?.includes("ALL") === true],
			["has a token of the cluster", spec.automountServiceAccountToken === false],
			// Of a service named chat-…, and a node refuses variables with our prefix that it does not know.
			[`hears of services by variables, perhaps ${PREFIX}…`, spec.enableServiceLinks === false],
			["asks for no memory", Boolean(resources.requests?.memory && resources.limits?.memory)],
		];
		return wanted.filter(([, isSo]) => !isSo).map(([what]) => `${nameOf(owner)} ${what}.`);
	});

/** A node that drains is not cut off. */
const draining: Rule = ({ pods }) =>
	pods
		.filter(({ owner }) => owner.kind === "Deployment")
		.filter(({ spec, container, env }) => {
			const command: string[] = container.lifecycle?.preStop?.exec?.command ?? [];
			const before = command[0] === "sleep" ? Number(command[1]) : 0;
			const seconds = (name: "CHAT_DRAIN_DELAY" | "CHAT_SHUTDOWN_TIMEOUT") =>
				Number(env.get(name) ?? VARIABLES[name].fallback);
			const own = seconds("CHAT_DRAIN_DELAY") + seconds("CHAT_SHUTDOWN_TIMEOUT");
			return !((spec.terminationGracePeriodSeconds ?? 30) > before + own);
		})
		.map(
			({ owner }) =>
				`${nameOf(owner)} is killed before preStop, CHAT_DRAIN_DELAY and CHAT_SHUTDOWN_TIMEOUT are over.`,
		);

const autoscaling: Rule = ({ resources, facts }) =>
	of(resources, "HorizontalPodAutoscaler").flatMap(scaler =>
		scaler.spec.metrics
			.flatMap(({ pods }: Resource["spec"]) => (pods ? [pods.metric.name] : []))
			.filter((name: string) => !facts.metrics.includes(name))
			.map((name: string) => `${nameOf(scaler)} goes by ${name}, which no node exports.`),
	);

const RULES: Rule[] = [
	selectors,
	company,
	ports,
	ingresses,
	variables,
	secrets,
	services,
	images,
	hardening,
	draining,
	autoscaling,
];
