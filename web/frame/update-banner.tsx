import { useState } from "react";
import { useTexts } from "../i18n/i18n.ts";
import { useValue } from "../parts/store.ts";
import { update } from "../worker/worker.ts";

/** A newer build is there: it is taken when the person says so, never under their hands. */
export function UpdateBanner() {
	const t = useTexts();
	const take = useValue(update);
	const [isLater, setLater] = useState(false);
	return (
		<div role="status">
			{take && !isLater && (
				<div className="app-update">
					<span>{t.updateReady}</span>
					<button type="button" className="app-link" onClick={take}>
						{t.updateNow}
					</button>
					<button type="button" className="app-link" onClick={() => setLater(true)}>
						{t.later}
					</button>
				</div>
			)}
		</div>
	);
}
