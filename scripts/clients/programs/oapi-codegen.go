// Creates README's webhook and publishes README's event with the Go client of oapi-codegen.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
)

func main() {
	authorize := func(_ context.Context, request *http.Request) error {
		request.Header.Set("Authorization", "Bearer "+os.Getenv("HOOKLINE_TOKEN"))
		return nil
	}
	client, err := NewClientWithResponses(os.Getenv("HOOKLINE_URL"), WithRequestEditorFn(authorize))
	check(err)
	ctx := context.Background()

	var webhook CreateWebhook
	check(json.Unmarshal([]byte(os.Getenv("WEBHOOK")), &webhook))
	created, err := client.CreateWebhookWithResponse(ctx, webhook)
	check(err)
	if created.JSON201 == nil {
		log.Fatalf("No webhook: %s", created.Body)
	}

	var event EventInput
	check(json.Unmarshal([]byte(os.Getenv("EVENT")), &event))
	var events EventsInput
	check(events.FromEventInput(event))
	accepted, err := client.PublishEventsWithResponse(ctx, nil, events)
	check(err)
	if accepted.JSON202 == nil {
		log.Fatalf("Not published: %s", accepted.Body)
	}

	fmt.Printf("{\"webhook\":%q,\"event\":%q}\n", created.JSON201.Id, accepted.JSON202.Events[0].Id)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
