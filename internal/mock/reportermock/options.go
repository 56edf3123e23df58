// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reportermock

import "time"

// Auth is how a server wants its clients to authenticate.
type Auth int

const (
	// NoAuth asks for nothing: the real server's default.
	NoAuth Auth = iota
	// StaticToken takes one token, Server.Token.
	StaticToken
	// ClientCredentials gives out tokens that expire, at POST
	// /v1/login/oauth/access_token below Server.AuthURL, for Server.ClientID and
	// Server.ClientSecret. It takes Server.Token as well.
	ClientCredentials
)

// Options configure a Server. The zero value is a server without authentication
// and without a general rate limit, whose connections reach no database.
type Options struct {
	Auth Auth
	// Token is the static token; "" means a random one.
	Token string
	// ClientID and ClientSecret are the client's credentials; "" means random.
	ClientID, ClientSecret string
	// TokenLifetime is how long a token lasts that was given out; 0 means an
	// hour. Tokens tell it in whole seconds.
	TokenLifetime time.Duration

	// Internal are the connections that the server's own environment defines.
	Internal []Internal
	// Databases are what connections can reach. Server.AddDatabase adds to them.
	Databases []Database
	// AnyDatabase makes every connection reach a database without tables that
	// takes every password, which no server does.
	AnyDatabase bool
	// DataSources are what Reporter's own API at /v1/data-sources lists. nil
	// means that this server does not have that API: 404.
	DataSources []DataSource

	// MaxPageSize is the operator's MAX_PAGINATION_LIMIT: a larger limit of a list
	// is refused, and so is a list without one where this is below 10. 0 means 100.
	MaxPageSize int
	// GuardHosts refuses hosts that lead into the operator's own network, as the
	// hosted service does: addresses when they are written, names when they are
	// tried.
	GuardHosts bool
	// LowerCaseHosts stores hosts in lower case.
	LowerCaseHosts bool

	// RequestsPerMinute is the size of a sliding window; beyond it the answer is
	// 429. 0 means no limit, as the connection API has; Reporter's own routes
	// allow 100 by default. The test of a connection is always limited to 10 a
	// minute for each connection.
	RequestsPerMinute int
	// RetryAfter is the Retry-After header of every 429. The real server sends
	// none, which is the default.
	RetryAfter string
	// Latency is waited before each request is handled.
	Latency time.Duration
	// Now is the server's clock; nil means time.Now. It dates answers, connections and
	// ids, moves the list's window, expires tokens and refills the limits.
	Now func() time.Time

	// EchoSecretsInErrors repeats received secrets in the message of a 400, as a
	// careless server would. It is for tests of masking.
	EchoSecretsInErrors bool

	// TLS makes Start serve https with a certificate of its own, which
	// Server.CertificatePEM returns.
	TLS bool
	// InMemory makes Start serve without a socket, to clients that connect with
	// [Server.Dial]: for tests in a bubble of testing/synctest.
	InMemory bool
}

// Internal is a connection of the server's own. It is in every list, can be
// read and tested, and can be neither changed nor deleted.
type Internal struct {
	ConfigName   string
	Type         string // "" means POSTGRESQL
	Host         string
	Port         int
	DatabaseName string
	UserName     string
	Password     string
}

// Database is something for connections to reach. A connection reaches it with
// the same host, port, database name, user and password.
type Database struct {
	Host         string
	Port         int
	DatabaseName string
	UserName     string
	Password     string
	// Tables maps table names to their fields. A name with a dot is in the
	// schema before the dot, others are in the default schema.
	Tables map[string][]string
	// PrivateCA says that no public authority signed the database's certificate:
	// the server does not use ssl.ca, and so cannot verify it.
	PrivateCA bool
}

// DataSource is an entry of Reporter's own read-only list.
type DataSource struct {
	ID           string
	ExternalName string
	Type         string // in lower case
	Tables       map[string][]string
}

func (o Options) withDefaults() Options {
	if o.TokenLifetime == 0 {
		o.TokenLifetime = time.Hour
	}
	if o.MaxPageSize == 0 {
		o.MaxPageSize = 100
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}
