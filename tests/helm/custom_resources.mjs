// Judges custom resources by the schemas of their definitions. Reads a JSON array of objects on standard input; prints one line
// per fault and exits 1 if there is one. These schemas, unlike those of Kubernetes itself, let unknown fields pass.
import { readFileSync } from 'node:fs'

import * as certManager from '@kubernetes-models/cert-manager/cert-manager.io/v1'
import * as gateway from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1'
import * as monitoring from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1'

const MODELS = {
  'cert-manager.io/v1': certManager,
  'gateway.networking.k8s.io/v1': gateway,
  'monitoring.coreos.com/v1': monitoring,
}

let faults = 0
for (const object of JSON.parse(readFileSync(0, 'utf8'))) {
  const name = `${object.apiVersion} ${object.kind}/${object.metadata?.name}`
  try {
    const Model = MODELS[object.apiVersion]?.[object.kind]
    if (Model === undefined) throw new Error('no schema')
    new Model(object).validate()
  } catch (error) {
    faults += 1
    console.log(`${name}: ${error.message}`)
  }
}
process.exit(faults === 0 ? 0 : 1)
