// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package createonce_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/createonce"
	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
)

func TestConfirmDelete(t *testing.T) {
	t.Parallel()
	notFound := &httpclient.Error{Kind: httpclient.KindNotFound, Status: 404}
	gone := &httpclient.Error{Kind: httpclient.KindGone, Status: 410}
	denied := &httpclient.Error{Kind: httpclient.KindForbidden, Status: 403}
	broken := errors.New("the list is out")
	for name, test := range map[string]struct {
		answer  error
		shown   bool
		readErr error
		asks    bool
		want    error
	}{
		"deleted":                       {},
		"gone already":                  {answer: gone},
		"refused":                       {answer: denied, want: denied},
		"404, and it is gone":           {answer: notFound, asks: true},
		"404, and it is not known":      {answer: notFound, asks: true, readErr: broken, want: broken},
		"404, and it is shown":          {answer: notFound, asks: true, shown: true, want: notFound},
		"404, shown, and then an error": {answer: notFound, asks: true, shown: true, readErr: broken, want: broken},
	} {
		asked := false
		err := createonce.ConfirmDelete(test.answer, func() (bool, error) {
			asked = true
			return test.shown, test.readErr
		})
		if asked != test.asks || (test.want == nil) != (err == nil) || test.want != nil && !errors.Is(err, test.want) {
			t.Errorf("%s: %v, asked %v", name, err, asked)
		}
		_, notDeleted := errors.AsType[*createonce.NotDeletedError](err)
		if notDeleted && !strings.Contains(err.Error(), "removed block that has lifecycle { destroy = false }") {
			t.Errorf("%s: %v does not say what to do", name, err)
		}
		if notDeleted != errors.Is(test.want, notFound) {
			t.Errorf("%s: %v is a NotDeletedError: %v", name, err, notDeleted)
		}
	}
}
