import { useTexts } from "../i18n/i18n.ts";
import { ProblemNote } from "../parts/form.tsx";
import { useAction } from "../parts/use-action.ts";
import { type DemoPerson, useDemoPeople } from "./demo.ts";
import { signIn } from "./session.ts";

/** Colours in the styles. */
const TONES = 6;

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
				{people.map((person, index) => (
					<li key={person.username}>
						<button
							type="button"
							className="app-demo-person"
							disabled={busy}
							title={t.demoAs(person.displayName)}
							onClick={() => void run(person)}
						>
							<span className="app-demo-face" data-tone={index % TONES} aria-hidden="true">
								{person.displayName.slice(0, 1)}
							</span>
							{person.displayName.split(" ")[0]}
						</button>
					</li>
				))}
			</ul>
			<ProblemNote problem={problem} />
		</section>
	);
}
