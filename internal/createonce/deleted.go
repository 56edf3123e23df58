// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package createonce

import "github.com/dataconn/terraform-provider-dataconn/internal/httpclient"

// ConfirmDelete ends a delete that was answered with err. An object that is gone
// already is no error. A 404 alone does not show that: a server without the route
// answers it too. Then isThere is asked, and an object that is still shown is a
// [NotDeletedError].
func ConfirmDelete(err error, isThere func() (bool, error)) error {
	switch {
	case httpclient.IsGone(err):
		return nil
	case !httpclient.IsNotFound(err):
		return err
	}
	isShown, readErr := isThere()
	switch {
	case readErr != nil:
		return readErr
	case isShown:
		return &NotDeletedError{Err: err}
	default:
		return nil
	}
}

// NotDeletedError says that the server answered 404 to a delete of an object
// that it still shows: it has no such route.
type NotDeletedError struct{ Err error }

func (e *NotDeletedError) Error() string {
	return "this server cannot delete it through the API (it answered 404, and still shows the object). To stop managing it here, replace its resource with a removed block that has lifecycle { destroy = false }, and apply; then delete it in the server's user interface"
}

func (e *NotDeletedError) Unwrap() error { return e.Err }
