// Decide JSON lines with the core engine of iam-simulate, as one process: request lines in, effects out.
//
// Its public function drops context keys of open families (kms:EncryptionContext:*), so its core is asked,
// which takes the context as it is given. Input is `trailseal simulate`'s, with every context key given.
import { createInterface } from 'node:readline';
import { loadPolicy } from '@cloud-copilot/iam-policy';
import { DiscoveryContextKeyConstraints } from './node_modules/@cloud-copilot/iam-simulate/dist/esm/context_keys/discoveryContextKeyConstraints.js';
import { authorize } from './node_modules/@cloud-copilot/iam-simulate/dist/esm/core_engine/CoreSimulatorEngine.js';
import { AwsRequestImpl } from './node_modules/@cloud-copilot/iam-simulate/dist/esm/request/request.js';
import { RequestContextImpl } from './node_modules/@cloud-copilot/iam-simulate/dist/esm/requestContext.js';

const EFFECTS = {
  Allowed: 'allowed',
  ImplicitlyDenied: 'implicitly_denied',
  ExplicitlyDenied: 'explicitly_denied'
};

const named = (layer, documents) =>
  documents?.map((document, i) => loadPolicy(document, { name: `${layer}[${i}]` }));
const levels = (layer, given) =>
  (given ?? []).map((documents, i) => ({
    orgIdentifier: `${layer}[${i}]`,
    policies: named(`${layer}[${i}]`, documents)
  }));
const one = (layer, document) => (document ? loadPolicy(document, { name: layer }) : undefined);
const STRICT = {
  simulationMode: 'Strict',
  discoveryContextKeyConstraints: new DiscoveryContextKeyConstraints([])
};
const FULL = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' }] };

function asked(request) {
  const principal =
    request.principal === 'anonymous' ? { type: 'Anonymous' } : (request.principal.service ?? request.principal);
  return new AwsRequestImpl(
    principal,
    { resource: request.resource, accountId: request.resource_account },
    request.action,
    new RequestContextImpl(request.context ?? {})
  );
}

function decide({ id, request, policies = {} }) {
  const analysis = authorize({
    request: asked(request),
    identityPolicies: named('identity', policies.identity) ?? [],
    permissionBoundaries: named('boundary', policies.boundary),
    sessionPolicy: one('session', policies.session),
    serviceControlPolicies: levels('scp', policies.scp),
    resourceControlPolicies: levels('rcp', policies.rcp?.map((level) => [FULL, ...level])),
    resourcePolicy: one('resource', policies.resource),
    vpcEndpointPolicies: named('vpc_endpoint', policies.vpc_endpoint),
    serviceSettings: { s3: { blockPublicAccess: policies.public_access_block?.RestrictPublicBuckets === true } },
    simulationParameters: STRICT
  });
  return { id, effect: EFFECTS[analysis.result] };
}

const out = [];
for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  out.push(JSON.stringify(decide(JSON.parse(line))));
  if (out.length === 1000) process.stdout.write(out.splice(0).join('\n') + '\n');
}
if (out.length) process.stdout.write(out.join('\n') + '\n');
