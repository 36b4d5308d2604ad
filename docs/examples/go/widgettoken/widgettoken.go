// Package widgettoken tells an AppView whether a widget token holds.
package widgettoken

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"example.com/appview/tokenpb"
)

// Answer is what the AppView does with a request: serve it as ServeAs, or, where that is empty, send this XRPC error.
type Answer struct {
	ServeAs string
	Status  int
	Error   string
	Message string
}

// Asking twice is harmless, so an answer that got lost on the way is asked for again.
const serviceConfig = `{"methodConfig": [{
  "name": [{"service": "didpic.token.v1.TokenService", "method": "Validate"}],
  "retryPolicy": {"maxAttempts": 3, "initialBackoff": "0.05s", "maxBackoff": "0.5s", "backoffMultiplier": 3,
                  "retryableStatusCodes": ["UNAVAILABLE"]}}]}`

// Judge asks token_service. One for the whole process: it holds one connection, over which any number of calls go at
// once.
type Judge struct {
	client  tokenpb.TokenServiceClient
	timeout time.Duration
}

// Dial prepares a connection to token_service at HOST:PORT; it is made with the first call. Close it at the end.
func Dial(address string, transport credentials.TransportCredentials) (*grpc.ClientConn, error) {
	return grpc.Dial(address, grpc.WithTransportCredentials(transport), grpc.WithDefaultServiceConfig(serviceConfig))
}

// NewJudge asks over connection and waits at most timeout for an answer.
func NewJudge(connection grpc.ClientConnInterface, timeout time.Duration) *Judge {
	return &Judge{tokenpb.NewTokenServiceClient(connection), timeout}
}

// MutualTLS reads PEM files: the CA of token_service, and this caller's own certificate and key.
func MutualTLS(caFile, certificateFile, keyFile string) (credentials.TransportCredentials, error) {
	certificate, err := tls.LoadX509KeyPair(certificateFile, keyFile)
	if err != nil {
		return nil, err
	}
	pem, err := os.ReadFile(caFile)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s holds no certificate", caFile)
	}
	return credentials.NewTLS(&tls.Config{
		RootCAs: pool, Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12,
	}), nil
}

// Judge tells whether token, from "Authorization: Bearer", may call the XRPC method nsid.
func (j *Judge) Judge(ctx context.Context, token, nsid string) Answer {
	ctx, cancel := context.WithTimeout(ctx, j.timeout)
	defer cancel()
	response, err := j.client.Validate(ctx, &tokenpb.ValidateRequest{Token: token, Method: nsid})
	if err != nil {
		// Could not tell. A 401 would make the widget throw a good token away.
		return Answer{Status: 502, Error: "UpstreamFailure", Message: "Try again"}
	}
	// Nothing but this lets anyone in: a verdict that is missing or new is a refusal.
	if did := response.GetActive().GetDid(); did != "" {
		return Answer{ServeAs: did}
	}
	switch response.GetRefusal().GetReason() {
	case tokenpb.Refusal_EXPIRED:
		return Answer{Status: 401, Error: "ExpiredToken", Message: "Token has expired"}
	case tokenpb.Refusal_METHOD_NOT_ALLOWED:
		return Answer{Status: 403, Error: "InsufficientScope", Message: "The token may not call this method"}
	default:
		return Answer{Status: 401, Error: "InvalidToken", Message: "Token is not valid"}
	}
}
