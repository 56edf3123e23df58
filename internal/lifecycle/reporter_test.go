// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package lifecycle_test

func reporterConnection() subject {
	ssl := attributes{"mode": "require", "ca": "CA LABEL", "cert": "CERT LABEL"}
	inSSL := func(value, other any) sample {
		return sample{value: value, other: other, with: attributes{"ssl": ssl}}
	}
	return subject{
		typeName: "dataconn_reporter_connection", unique: true,
		body: attributes{
			"config_name": "LABEL", "type": "POSTGRESQL", "host": "h1.example.com", "port": 5432,
			"database_name": "d", "user_name": "u", "password": "pw-LABEL",
		},
		change:    attributes{"host": "h2.example.com", "port": 5433, "database_name": "LABEL", "user_name": "u LABEL", "type": "MYSQL"},
		elsewhere: attributes{"product_name": "another"},
		samples: map[string]sample{
			"product_name":    {value: "sales", other: "another"},
			"config_name":     {value: "LABEL_one", other: "LABEL_two"},
			"schema":          {value: "s1", other: "LABEL"},
			"metadata":        {value: attributes{"a": "b"}, other: attributes{"a": "LABEL", "c": "d"}},
			"test_connection": {value: false, other: false},
			"ssl":             {value: ssl, other: ssl.With(attributes{"mode": "prefer"})},
			"ssl.mode":        inSSL("require", "prefer"),
			"ssl.ca":          inSSL("CA LABEL one", "CA LABEL two"),
			"ssl.cert":        inSSL("CERT LABEL one", "CERT LABEL two"),
		},
		secrets: map[string]secretSample{
			"password": {values: texts},
			"ssl.key":  {values: texts, with: attributes{"ssl": ssl}},
		},
		onServer: func(w *world) []string {
			var ids []string
			for _, c := range w.reporter.Connections() {
				ids = append(ids, c.ID)
			}
			return ids
		},
	}
}
