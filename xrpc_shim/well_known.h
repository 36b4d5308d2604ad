#ifndef XRPC_SHIM_WELL_KNOWN_H_
#define XRPC_SHIM_WELL_KNOWN_H_

#include <string>

#include "xrpc_shim/http_message.h"

namespace tokens::xrpc {

// Who this service is to the network.
struct ServiceIdentity {
  std::string did;         // did:web:HOST
  std::string service_id;  // Fragment without "#", for example didpic_appview: the audience is DID#service_id.
  std::string type;        // For example DidpicAppView.
  std::string endpoint;    // Origin only, https://HOST[:PORT], without a path or a final slash.
};

// /.well-known/did.json: the DID document with one service entry and no keys, since this service signs nothing under
// its own DID. A PDS reads it to learn where to proxy to (https://atproto.com/specs/did).
HttpResponse DidDocumentResponse(const ServiceIdentity& identity);

// /robots.txt: nothing here is for crawlers.
HttpResponse RobotsResponse();

// GET /: a line for whoever opens the origin in a browser.
HttpResponse IndexResponse();

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_WELL_KNOWN_H_
