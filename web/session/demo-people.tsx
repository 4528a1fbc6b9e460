import { hueOf, initialsOf } from "@parley/react";
import type { CSSProperties } from "react";
import { useTexts } from "../i18n/i18n.ts";
import { ProblemNote } from "../parts/form.tsx";
import { useAction } from "../parts/use-action.ts";
import { type DemoPerson, useDemoPeople } from "./demo.ts";
import { signIn } from "./session.ts";

interface DemoPeopleProps {
	/** Who one is already. */
	except?: string | null;
	onDone?(): void;
}

/** One click signs in as one of them. */
export function DemoPeople({ except, onDone }: DemoPeopleProps) {
	const t = useTexts();
	const people = useDemoPeople().filter(({ username }) => username !== except);
	const { busy, problem, run } = useAction(async (person: DemoPerson) => {
		await signIn(person.username, person.password);
		onDone?.();
	});
	if (people.length === 0) return null;
	return (
		<section className="app-demo" aria-label={t.demoTitle}>
			<h2>{t.demoTitle}</h2>
			<ul>
				{people.map(person => (
					<li key={person.username}>
						<button
							type="button"
							className="app-demo-person"
							disabled={busy}
							title={t.demoAs(person.displayName)}
							onClick={() => void run(person)}
						>
							<DemoFace person={person} />
							{person.displayName.split(" ")[0]}
						</button>
					</li>
				))}
			</ul>
			<ProblemNote problem={problem} />
		</section>
	);
}

/** As everybody sees them inside; the kit's own avatar is not loaded before one is. */
function DemoFace({ person: { id, username, displayName } }: { person: DemoPerson }) {
	const look = { "--parley-size": "2.5rem", "--parley-hue": hueOf(id ?? username) };
	return (
		<span className="parley-avatar" style={look as CSSProperties} aria-hidden="true">
			<span className="parley-avatar-face">{initialsOf(displayName)}</span>
		</span>
	);
}
