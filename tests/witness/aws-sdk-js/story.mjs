// Speaks every protocol of the lab and prints what it was told, as one JSON document.
import { CloudTrailClient, CreateTrailCommand, GetTrailCommand, ListDashboardsCommand, ListTrailsCommand, StartLoggingCommand } from "@aws-sdk/client-cloudtrail";
import { IAMClient, ListUsersCommand } from "@aws-sdk/client-iam";
import { CreateKeyCommand, DescribeKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { CreateBucketCommand, HeadObjectCommand, ListObjectsV2Command, PutBucketPolicyCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { DescribeHubCommand, EnableSecurityHubCommand, SecurityHubClient } from "@aws-sdk/client-securityhub";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";

const Bucket = "js-logs";
const said = async (client, command) => {
  try {
    return await client.send(command);
  } catch (error) {
    return { error: error.name, status: error.$metadata?.httpStatusCode, attempts: error.$metadata?.attempts };
  }
};

const trails = new CloudTrailClient({});
const s3 = new S3Client({ forcePathStyle: true });
const kms = new KMSClient({});
const hub = new SecurityHubClient({});

const who = await said(new STSClient({}), new GetCallerIdentityCommand({}));
const users = await said(new IAMClient({}), new ListUsersCommand({}));
const key = await said(kms, new CreateKeyCommand({}));
await said(s3, new CreateBucketCommand({ Bucket }));
const policy = {
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Principal: { Service: "cloudtrail.amazonaws.com" },
      Action: ["s3:GetBucketAcl", "s3:PutObject"],
      Resource: [`arn:aws:s3:::${Bucket}`, `arn:aws:s3:::${Bucket}/*`],
    },
  ],
};
await said(s3, new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify(policy) }));
await said(s3, new PutObjectCommand({ Bucket, Key: "a b/é.json", Body: "{}", ServerSideEncryption: "aws:kms", SSEKMSKeyId: key.KeyMetadata?.Arn }));
await said(trails, new CreateTrailCommand({ Name: "audit", S3BucketName: Bucket }));
await said(trails, new StartLoggingCommand({ Name: "audit" }));
await said(hub, new EnableSecurityHubCommand({}));

console.log(
  JSON.stringify({
    who: who.Arn ?? who,
    users: users.Users?.map((user) => user.UserName) ?? users,
    head: (await said(s3, new HeadObjectCommand({ Bucket, Key: "a b/é.json" }))).ServerSideEncryption,
    listed: (await said(s3, new ListObjectsV2Command({ Bucket }))).Contents?.map((each) => each.Key),
    trails: (await said(trails, new ListTrailsCommand({}))).Trails?.map((each) => each.Name),
    trail: (await said(trails, new GetTrailCommand({ Name: "audit" }))).Trail?.S3BucketName,
    hub: Boolean((await said(hub, new DescribeHubCommand({}))).HubArn),
    unknown_trail: await said(trails, new GetTrailCommand({ Name: "nothing" })),
    unknown_key: await said(kms, new DescribeKeyCommand({ KeyId: "11111111-1111-1111-1111-111111111111" })),
    out_of_bounds: await said(kms, new DescribeKeyCommand({ KeyId: "" })),
    lacking: await said(trails, new ListDashboardsCommand({})),
  }),
);
