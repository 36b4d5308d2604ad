// Command judge answers one question: judge HOST:PORT NSID, the token on standard input, over plaintext (loopback).
package main

import (
	"context"
	"encoding/json"
	"io"
	"log"
	"os"
	"time"

	"google.golang.org/grpc/credentials/insecure"

	"example.com/appview/widgettoken"
)

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: judge HOST:PORT NSID < TOKEN")
	}
	token, err := io.ReadAll(io.LimitReader(os.Stdin, 4096))
	if err != nil {
		log.Fatal(err)
	}
	connection, err := widgettoken.Dial(os.Args[1], insecure.NewCredentials())
	if err != nil {
		log.Fatal(err)
	}
	defer connection.Close()
	answer := widgettoken.NewJudge(connection, time.Second).Judge(context.Background(), string(token), os.Args[2])
	if err := json.NewEncoder(os.Stdout).Encode(answer); err != nil {
		log.Fatal(err)
	}
}
