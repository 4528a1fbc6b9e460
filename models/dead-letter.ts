import { DataTypes, type Model, type ModelStatic, type Sequelize } from "sequelize";
import type { DeadLetter } from "../contracts/dead-letters.ts";

/** A row of `dead_letters`. */
export interface DeadLetterRow extends Omit<DeadLetter, "at"> {
	at: Date;
}

export type DeadLetterModel = ModelStatic<Model<DeadLetterRow, DeadLetterRow>>;

export const deadLetterModel = (sequelize: Sequelize, schema: string): DeadLetterModel =>
	sequelize.define(
		"deadLetter",
		{
			id: { type: DataTypes.UUID, primaryKey: true },
			consumer: DataTypes.TEXT,
			eventId: DataTypes.TEXT,
			event: DataTypes.TEXT,
			reason: DataTypes.TEXT,
			at: DataTypes.DATE,
		},
		{ tableName: "dead_letters", schema, underscored: true, timestamps: false },
	);

export const toDeadLetter = (row: DeadLetterRow): DeadLetter => ({
	...row,
	at: new Date(row.at).toISOString(),
});
