// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omnimock

// form is how a setting looks in a request, and what it is stored as.
type form int

const (
	text     form = iota // string; "" is stored as null
	digits               // string of digits
	httpsURL             // string
	secret               // string, kept in the vault and never read
	integer              // int
	boolean              // bool
	// list is read as an array. Creation takes comma text, PATCH either form.
	list
	// eitherList is a list that creation takes in either form too.
	eitherList
)

// field is one setting of a connection, as in the specification of August 2026.
type field struct {
	name                 string
	form                 form
	create, update, read bool
	nonEmpty             bool // minLength 1
	min, max             int  // of an integer
}

// connectionFields is the matrix of settings. dialect, environmentUserAttribute
// and the times are handled apart.
func connectionFields() []field {
	setting := func(form form, names ...string) []field {
		var out []field
		for _, name := range names {
			out = append(out, field{name: name, form: form, create: true, update: true, read: true})
		}
		return out
	}
	readOnly := func(form form, names ...string) []field {
		out := setting(form, names...)
		for i := range out {
			out[i].create, out[i].update = false, false
		}
		return out
	}
	fields := []field{
		{name: "name", form: text, create: true, update: true, read: true, nonEmpty: true},
		{name: "database", form: text, create: true, update: true, read: true},
		{name: "passwordUnencrypted", form: secret, create: true, update: true},
		{name: "privateKey", form: secret, create: true, update: true, nonEmpty: true},
		{name: "oauthClientSecretUnencrypted", form: secret, create: true, update: true, nonEmpty: true},
		{name: "wifAudience", form: text, create: true},
		{name: "wifServiceAccountEmail", form: text, create: true},
		// Choice: the range of a port is not documented; a TCP port is assumed.
		{name: "port", form: integer, create: true, update: true, read: true, min: 1, max: 65535},
		// The maximum is documented, the minimum is a choice.
		{name: "queryTimeoutSeconds", form: integer, create: true, update: true, read: true, min: 1, max: 3600},
	}
	fields = append(fields, setting(text,
		"host", "hostOverride", "username", "baseRole", "warehouse", "region",
		"defaultSchema", "scratchSchema", "systemTimezone", "queryTimezone",
		"authenticationType", "awsRoleArn", "oauthClientId", "externalOauthAudience")...)
	fields = append(fields, setting(httpsURL, "externalOauthAuthorizationUrl", "externalOauthTokenUrl")...)
	fields = append(fields, setting(digits, "maxBillingBytes")...)
	fields = append(fields, setting(list, "includeSchemas", "includeOtherCatalogs")...)
	fields = append(fields, setting(eitherList, "offloadedSchemas")...)
	fields = append(fields, setting(boolean,
		"allowsUserSpecificTimezones", "alwaysScopeViewNames", "trustServerCertificate",
		"acceptsLicense", "enableDbSemanticLayerIntegration", "enableDbSemanticLayerTopics",
		"inferRelationshipsFromColumnNames", "inferRelationshipsFromForeignKeys", "useMachineAuth")...)
	fields = append(fields, readOnly(boolean,
		"useReadScaling", "useSessionHint", "allowBranchConnectionEnvironments",
		"branchConnectionEnvironmentOverridesUserAttr", "environmentConnectionSwitchesSchemaModel")...)
	fields = append(fields, readOnly(text, attributeNameKey)...)
	fields = append(fields, readOnly(list, attributeValuesKey)...)
	return fields
}

// The two keys that show which user attribute picks the environment. They are
// read by every generation, and written by the 2025 guide only.
const (
	attributeNameKey   = "userAttributeNameForConnectionEnvironments"
	attributeValuesKey = "userAttributeValuesForDefaultEnvironment"
	attributeKey       = "environmentUserAttribute"
)

func fieldNamed(name string) (field, bool) {
	for _, f := range connectionFields() {
		if f.name == name {
			return f, true
		}
	}
	return field{}, false
}
