import { readFileSync } from "node:fs";
import type { KafkaConfig } from "kafkajs";
import type { KafkaSecurity } from "../../lib/links.ts";
import { isAboutCertificate } from "../../lib/tls.ts";

/** As kafkajs wants it. */
export function securityOptions({ tls, caFile, sasl }: KafkaSecurity): Pick<KafkaConfig, "ssl" | "sasl"> {
	return {
		ssl: tls && (caFile === null || { ca: readFileSync(caFile) }),
		// Their type wants to know which mechanism it is.
		...(sasl && { sasl: sasl as NonNullable<KafkaConfig["sasl"]> }),
	};
}

/** Why no waiting helps, with the variable to look at; null where Kafka may only be away. */
export function misconfigured(err: unknown): string | null {
	const { name, message, cause } = err as Error;
	if (name === "KafkaJSSASLAuthenticationError") {
		return `Kafka refuses the login: ${message}. See CHAT_KAFKA_SASL, CHAT_KAFKA_USERNAME and CHAT_KAFKA_PASSWORD.`;
	}
	if (isAboutCertificate(err)) return `Kafka is not trusted: ${message}. See CHAT_KAFKA_CA_FILE.`;
	return cause instanceof Error ? misconfigured(cause) : null;
}
