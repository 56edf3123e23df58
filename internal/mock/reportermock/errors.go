// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reportermock

import (
	"net/http"

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/host"
)

// refusal is an answer that is not a success; every one has a body.
type refusal = host.StatusError

// validationError is the body of the checks' 400. The order of its keys differs
// from that of stateError, as the real server's does.
type validationError struct {
	EntityType string            `json:"entityType,omitempty"`
	Title      string            `json:"title"`
	Code       string            `json:"code"`
	Message    string            `json:"message"`
	Fields     map[string]string `json:"fields,omitempty"`
}

// stateError is the body of 404, 409 and 503.
type stateError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Title   string `json:"title"`
}

// numericError is the body of failures whose code is the status, a number.
type numericError struct {
	Code    int    `json:"code"`
	Title   string `json:"title"`
	Message string `json:"message"`
}

func invalid(title, code, message string) *refusal {
	return &refusal{Status: http.StatusBadRequest, Body: validationError{Title: title, Code: code, Message: message}}
}

func invalidHeader(message string) *refusal { return invalid("Invalid header", "FET-0403", message) }

func invalidQuery(what string) *refusal {
	return invalid("Invalid Query Parameter", "FET-0405", "One or more query parameters are in an incorrect format. "+
		"Please check the following parameters '"+what+"' and ensure they meet the required format before trying again.")
}

// formatted is what the real server writes where it forgot the value.
const formatted = "%!v(MISSING)"

const (
	missingFields = "Your request is missing one or more required fields. " +
		"Please refer to the documentation to ensure all necessary fields are included in your request."
	malformedSyntax = "The server could not understand the request due to malformed syntax. " +
		"Please check the listed fields and try again."
)

// fieldsMissing and fieldsInvalid are the two verdicts on fields. The entity
// type is in those of the second stage only.
func fieldsMissing(entityType string, fields map[string]string) *refusal {
	return &refusal{Status: http.StatusBadRequest, Body: validationError{
		EntityType: entityType, Title: "Missing Fields in Request", Code: "FET-0402", Message: missingFields, Fields: fields,
	}}
}

func fieldsInvalid(entityType string, fields map[string]string) *refusal {
	return &refusal{Status: http.StatusBadRequest, Body: validationError{
		EntityType: entityType, Title: "Bad Request", Code: "FET-0001", Message: malformedSyntax, Fields: fields,
	}}
}

func state(status int, code, title, message string) *refusal {
	return &refusal{Status: status, Body: stateError{Code: code, Title: title, Message: message}}
}

func notFound() *refusal {
	return state(http.StatusNotFound, "FET-1001", "Entity Not Found",
		"It was not possible to find the connection entity during the requested flow. Please review the data provided in the request.")
}

func nameTaken() *refusal {
	return state(http.StatusConflict, "FET-1002", "Conflict",
		"An entity of type connection with the same unique attributes already exists. "+
			"Please use different values to avoid conflicts and review the data provided in the request.")
}

func alreadyAssigned() *refusal {
	return state(http.StatusConflict, "FET-1015", "Connection Already Assigned",
		"The connection is already assigned to a product and cannot be reassigned.")
}

func forbiddenHost() *refusal {
	return invalid("Forbidden Host", "FET-0414", "Host is not a valid external database endpoint")
}

func jobRunning(verb string) *refusal {
	return state(http.StatusConflict, "FET-1021", "Job In Progress", "cannot "+verb+" connection with active jobs")
}

func unavailable() *refusal {
	return state(http.StatusServiceUnavailable, "FET-0003", "Service Unavailable",
		"The server is currently unable to handle the request due to temporary overloading or maintenance of the server. Please try again later.")
}

func numeric(status int, title, message string) *refusal {
	return &refusal{Status: status, Body: numericError{Code: status, Title: title, Message: message}}
}

func unreachable() *refusal {
	return numeric(http.StatusInternalServerError, "Database Connection Error",
		"The adapter failed to connect to the target data source. Check credentials and network access.")
}

func plain(status int, text string) *refusal { return &refusal{Status: status, Body: text} }
