// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omnimock

import (
	"net/http"
	"time"
)

// Generation is the age of the Omni server that is played.
type Generation int

const (
	// Current is the server of the machine-written API specification of August
	// 2026: under /api/v1, every non-secret setting is read, and everything but
	// the dialect and the wif* keys is changed by PATCH. 18 dialects.
	Current Generation = iota
	// Narrow2026 is the server of July 2026: 14 keys are read and 4 can be
	// changed (baseRole, passwordUnencrypted, privateKey and
	// environmentUserAttribute). 17 dialects, no fabric.
	Narrow2026
	// Guide2025 is the server of Omni's first guide: under /api/unstable, 9
	// keys are read, a connection can be neither fetched alone nor deleted,
	// environments and their values travel as comma text, and the environment's
	// user attribute is bound by two flat keys. 14 dialects: no fabric,
	// databricks_lakebase, oracle or sap_hana.
	Guide2025
)

// AttributeAnswer is a form of the answers to writes of user attributes.
type AttributeAnswer int

// The forms.
const (
	AnswerObject  AttributeAnswer = iota // the attribute itself
	AnswerRecord                         // {"record": the attribute}
	AnswerNested                         // {"userAttribute": the attribute}
	AnswerSuccess                        // {"success":true}
	AnswerEmpty                          // 204 without a body
)

// UserAnswer is how much the server shows of a user.
type UserAnswer int

// The forms.
const (
	WholeUsers             UserAnswer = iota // with groups and attribute values
	UsersWithoutEmptyParts                   // no key for groups or attribute values where there are none
	NarrowUsers                              // the keys of the specification of August 2026: no groups, no attribute values
)

// Options configure a Server. The zero value is a Current server without an
// environments list, without a rate limit and with a random token.
type Options struct {
	Generation Generation

	// EnvironmentList switches GET /connection-environments on. The references
	// disagree about whether today's servers have it.
	EnvironmentList bool
	// EnvironmentListStatus is the answer of that route while it is off: 404
	// (the default), 405 or 400.
	EnvironmentListStatus int

	// CommaTextEnvironments plays the server of the hand-written docs: it sets
	// the three switches that follow. Guide2025 implies it.
	CommaTextEnvironments bool
	// CommaTextEnvironmentIDs wants environmentConnectionIds as comma text, and
	// refuses an array for its type.
	CommaTextEnvironmentIDs bool
	// CommaTextEnvironmentValues wants userAttributeValues as comma text, and
	// refuses an array for its type.
	CommaTextEnvironmentValues bool
	// LegacyEnvironmentAnswer answers the creation of environments with
	// {"success":true,"data":[{"id","environmentConnectionId"}]}.
	LegacyEnvironmentAnswer bool

	// FlatEnvironmentAttribute refuses environmentUserAttribute as an
	// unrecognized key and takes the two flat keys of the 2025 guide instead.
	// Guide2025 implies it.
	FlatEnvironmentAttribute bool

	// BareDBTEnvironmentList answers the list of dbt environments as an array
	// without pages, which is the form of the hand-written docs.
	BareDBTEnvironmentList bool

	// UserAttributes are the names of user attributes that are there from the
	// start, single texts without a default. nil means environment, env and
	// region. Omni's own are there besides.
	UserAttributes []string
	// UserAttributeWritesStatus plays a server from before September 2026, which
	// lists user attributes only: 404 or 405 is its answer to the writes. 0 means
	// that it has them. Narrow2026 implies 404.
	UserAttributeWritesStatus int
	// UserAttributeAnswer is the form of the answers to the writes, of which none
	// is documented.
	UserAttributeAnswer AttributeAnswer
	// UserAttributeNameFixed refuses another name. The references name only the
	// type as what cannot change.
	UserAttributeNameFixed bool
	// BindingNeedsAttribute refuses to bind a base connection to a user attribute
	// that does not exist. The references do not say whether servers do.
	BindingNeedsAttribute bool

	// BuildSchemaModels plays a server that registers and refreshes the schema model
	// of every connection by itself. Omni does not: it has one once POST /models asks
	// for it, which is the default.
	BuildSchemaModels bool
	// SchedulesWithoutModel takes schedules of connections that have no schema
	// model.
	SchedulesWithoutModel bool
	// NoHardRefresh plays a server of before July 2026 in what concerns
	// schedules: hardRefresh is refused in a body, and is in no answer.
	NoHardRefresh bool
	// DocumentedJobWords spells the status of jobs as the hand-written docs do:
	// RUNNING and refresh_schema.
	DocumentedJobWords bool
	// RefreshFails lets the refresh of a schema end in FAILED, RefreshNeverEnds
	// not at all.
	RefreshFails, RefreshNeverEnds bool

	// Users is what the server shows of users.
	Users UserAnswer
	// UserPage is the largest page of users, 100 unless set; who asks for more gets
	// as many. Omni documents only that 100 is the default.
	UserPage int
	// RefuseLargeUserPages refuses to be asked for more users than UserPage.
	RefuseLargeUserPages bool
	// LooseUserFilter finds users whose e-mail address has the one asked for in it.
	LooseUserFilter bool
	// UserPathsOnly refuses a PATCH of a user that has an operation without a path.
	UserPathsOnly bool
	// PersonalToken makes the accepted key one of a person, which the SCIM API
	// refuses.
	PersonalToken bool

	// DeletedGetNotFound makes GET of a deleted connection answer 404 instead of
	// 200 with deletedAt. The references do not say which is right.
	DeletedGetNotFound bool
	// SnowflakeKeepsDefaultSchema stores defaultSchema on Snowflake. A real
	// server was seen to accept it and to read back null.
	SnowflakeKeepsDefaultSchema bool

	// BaseRoleEnum has the creation of a connection take the six base roles of the
	// specifications only; a change takes any, as the newest docs say of both.
	BaseRoleEnum bool

	// Token is the API key that is accepted; "" means a random omni_osk_ one.
	Token string
	// RequestsPerMinute is the size of a sliding window; beyond it the answer is
	// 429. 0 means no limit. Omni documents 60.
	RequestsPerMinute int
	// RetryAfter is the Retry-After header of a 429. The real server was seen to
	// send none, which is the default.
	RetryAfter string
	// Latency is waited before each request is handled.
	Latency time.Duration
	// Now is the server's clock; nil means time.Now. It dates answers and objects.
	Now func() time.Time

	// EchoSecretsInErrors repeats received secrets in the detail of a 400, as a
	// careless server would. It is for tests of masking.
	EchoSecretsInErrors bool

	// TLS makes Start serve https with a certificate of its own, which
	// Server.CertificatePEM returns.
	TLS bool
	// InMemory makes Start serve without a socket, to clients that connect with
	// [Server.Dial]: for tests in a bubble of testing/synctest.
	InMemory bool
}

func (o Options) withDefaults() Options {
	if o.EnvironmentListStatus == 0 {
		o.EnvironmentListStatus = 404
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.UserPage == 0 {
		o.UserPage = 100
	}
	if o.UserAttributes == nil {
		o.UserAttributes = []string{"environment", "env", "region"}
	}
	if o.Generation == Narrow2026 && o.UserAttributeWritesStatus == 0 {
		o.UserAttributeWritesStatus = http.StatusNotFound
	}
	if o.Generation == Guide2025 {
		o.CommaTextEnvironments = true
		o.FlatEnvironmentAttribute = true
	}
	if o.CommaTextEnvironments {
		o.CommaTextEnvironmentIDs = true
		o.CommaTextEnvironmentValues = true
		o.LegacyEnvironmentAnswer = true
	}
	return o
}
