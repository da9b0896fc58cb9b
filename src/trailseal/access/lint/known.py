"""
The actions and condition keys that AWS lists for the services a key or a log bucket is reached through.

Sources: the "Actions, resources, and condition keys" pages of KMS, S3, IAM and STS in
https://docs.aws.amazon.com/service-authorization/latest/reference/, and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations


def names(text: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(text.split())


ACTIONS: dict[str, frozenset[str]] = {
    "kms": names("""
        CancelKeyDeletion ConnectCustomKeyStore CreateAlias CreateCustomKeyStore CreateGrant
        CreateKey Decapsulate Decrypt DeleteAlias DeleteCustomKeyStore DeleteImportedKeyMaterial
        DeriveSharedSecret DescribeCustomKeyStores DescribeKey DisableKey DisableKeyRotation
        DisconnectCustomKeyStore EnableKey EnableKeyRotation Encapsulate Encrypt GenerateDataKey
        GenerateDataKeyPair GenerateDataKeyPairWithoutPlaintext GenerateDataKeyWithoutPlaintext
        GenerateMac GenerateRandom GetKeyLastUsage GetKeyPolicy GetKeyRotationStatus
        GetParametersForImport GetPublicKey ImportKeyMaterial ListAliases ListGrants ListKeyPolicies
        ListKeyRotations ListKeys ListResourceTags ListRetirableGrants PutKeyPolicy ReEncryptFrom
        ReEncryptTo ReplicateKey RetireGrant RevokeGrant RotateKeyOnDemand ScheduleKeyDeletion Sign
        SynchronizeMultiRegionKey TagResource UntagResource UpdateAlias UpdateCustomKeyStore
        UpdateKeyDescription UpdatePrimaryRegion Verify VerifyMac
        """),
    "s3": names("""
        AbortMultipartUpload AssociateAccessGrantsIdentityCenter BypassGovernanceRetention
        CreateAccessGrant CreateAccessGrantsInstance CreateAccessGrantsLocation CreateAccessPoint
        CreateAccessPointForObjectLambda CreateBucket CreateBucketMetadataTableConfiguration
        CreateJob CreateMultiRegionAccessPoint CreateStorageLensGroup DeleteAccessGrant
        DeleteAccessGrantsInstance DeleteAccessGrantsInstanceResourcePolicy
        DeleteAccessGrantsLocation DeleteAccessPoint DeleteAccessPointForObjectLambda
        DeleteAccessPointPolicy DeleteAccessPointPolicyForObjectLambda DeleteBucket
        DeleteBucketMetadataTableConfiguration DeleteBucketPolicy DeleteBucketWebsite
        DeleteJobTagging DeleteMultiRegionAccessPoint DeleteObject DeleteObjectTagging
        DeleteObjectVersion DeleteObjectVersionTagging DeleteStorageLensConfiguration
        DeleteStorageLensConfigurationTagging DeleteStorageLensGroup DescribeJob
        DescribeMultiRegionAccessPointOperation DissociateAccessGrantsIdentityCenter
        GetAccelerateConfiguration GetAccessGrant GetAccessGrantsInstance
        GetAccessGrantsInstanceForPrefix GetAccessGrantsInstanceResourcePolicy
        GetAccessGrantsLocation GetAccessPoint GetAccessPointConfigurationForObjectLambda
        GetAccessPointForObjectLambda GetAccessPointPolicy GetAccessPointPolicyForObjectLambda
        GetAccessPointPolicyStatus GetAccessPointPolicyStatusForObjectLambda
        GetAccountPublicAccessBlock GetAnalyticsConfiguration GetBucketAbac GetBucketAcl
        GetBucketCORS GetBucketLocation GetBucketLogging GetBucketMetadataTableConfiguration
        GetBucketNotification GetBucketObjectLockConfiguration GetBucketOwnershipControls
        GetBucketPolicy GetBucketPolicyStatus GetBucketPublicAccessBlock GetBucketRequestPayment
        GetBucketTagging GetBucketVersioning GetBucketWebsite GetDataAccess
        GetEncryptionConfiguration GetIntelligentTieringConfiguration GetInventoryConfiguration
        GetJobTagging GetLifecycleConfiguration GetMetricsConfiguration GetMultiRegionAccessPoint
        GetMultiRegionAccessPointPolicy GetMultiRegionAccessPointPolicyStatus
        GetMultiRegionAccessPointRoutes GetObject GetObjectAcl GetObjectAttributes
        GetObjectLegalHold GetObjectRetention GetObjectTagging GetObjectTorrent GetObjectVersion
        GetObjectVersionAcl GetObjectVersionAttributes GetObjectVersionForReplication
        GetObjectVersionTagging GetObjectVersionTorrent GetReplicationConfiguration
        GetStorageLensConfiguration GetStorageLensConfigurationTagging GetStorageLensDashboard
        GetStorageLensGroup InitiateReplication ListAccessGrants ListAccessGrantsInstances
        ListAccessGrantsLocations ListAccessPoints ListAccessPointsForObjectLambda ListAllMyBuckets
        ListBucket ListBucketMultipartUploads ListBucketVersions ListCallerAccessGrants ListJobs
        ListMultipartUploadParts ListMultiRegionAccessPoints ListStorageLensConfigurations
        ListStorageLensGroups ListTagsForResource ObjectOwnerOverrideToBucketOwner PauseReplication
        PutAccelerateConfiguration PutAccessGrantsInstanceResourcePolicy
        PutAccessPointConfigurationForObjectLambda PutAccessPointPolicy
        PutAccessPointPolicyForObjectLambda PutAccessPointPublicAccessBlock
        PutAccountPublicAccessBlock PutAnalyticsConfiguration PutBucketAbac PutBucketAcl
        PutBucketCORS PutBucketLogging PutBucketNotification PutBucketObjectLockConfiguration
        PutBucketOwnershipControls PutBucketPolicy PutBucketPublicAccessBlock
        PutBucketRequestPayment PutBucketTagging PutBucketVersioning PutBucketWebsite
        PutEncryptionConfiguration PutIntelligentTieringConfiguration PutInventoryConfiguration
        PutJobTagging PutLifecycleConfiguration PutMetricsConfiguration
        PutMultiRegionAccessPointPolicy PutObject PutObjectAcl PutObjectLegalHold PutObjectRetention
        PutObjectTagging PutObjectVersionAcl PutObjectVersionTagging PutReplicationConfiguration
        PutStorageLensConfiguration PutStorageLensConfigurationTagging ReplicateDelete
        ReplicateObject ReplicateTags RestoreObject SubmitMultiRegionAccessPointRoutes TagResource
        UntagResource UpdateAccessGrantsLocation UpdateBucketMetadataInventoryTableConfiguration
        UpdateBucketMetadataJournalTableConfiguration UpdateJobPriority UpdateJobStatus
        UpdateObjectEncryption UpdateStorageLensGroup
        """),
    "sts": names("""
        AssumeRole AssumeRoleWithSAML AssumeRoleWithWebIdentity AssumeRoot
        DecodeAuthorizationMessage GetAccessKeyInfo GetCallerIdentity GetDelegatedAccessToken
        GetFederationToken GetServiceBearerToken GetSessionToken GetWebIdentityToken SetContext
        SetSourceIdentity TagGetWebIdentityToken TagSession
        """),
    "iam": names("""
        AcceptDelegationRequest AddClientIDToOpenIDConnectProvider AddRoleToInstanceProfile
        AddUserToGroup AssociateDelegationRequest AttachGroupPolicy AttachRolePolicy
        AttachUserPolicy ChangePassword CreateAccessKey CreateAccountAlias CreateDelegationRequest
        CreateGroup CreateInstanceProfile CreateLoginProfile CreateOpenIDConnectProvider
        CreatePolicy CreatePolicyVersion CreateRole CreateSAMLProvider CreateServiceLinkedRole
        CreateServiceSpecificCredential CreateUser CreateVirtualMFADevice DeactivateMFADevice
        DeleteAccessKey DeleteAccountAlias DeleteAccountPasswordPolicy DeleteCloudFrontPublicKey
        DeleteGroup DeleteGroupPolicy DeleteInstanceProfile DeleteLoginProfile
        DeleteOpenIDConnectProvider DeletePolicy DeletePolicyVersion DeleteRole
        DeleteRolePermissionsBoundary DeleteRolePolicy DeleteSAMLProvider DeleteServerCertificate
        DeleteServiceLinkedRole DeleteServiceSpecificCredential DeleteSigningCertificate
        DeleteSSHPublicKey DeleteUser DeleteUserPermissionsBoundary DeleteUserPolicy
        DeleteVirtualMFADevice DetachGroupPolicy DetachRolePolicy DetachUserPolicy
        DisableOrganizationsRootCredentialsManagement DisableOrganizationsRootSessions
        DisableOutboundWebIdentityFederation EnableMFADevice
        EnableOrganizationsRootCredentialsManagement EnableOrganizationsRootSessions
        EnableOutboundWebIdentityFederation GenerateCredentialReport
        GenerateOrganizationsAccessReport GenerateServiceLastAccessedDetails GetAccessKeyLastUsed
        GetAccountAuthorizationDetails GetAccountEmailAddress GetAccountName
        GetAccountPasswordPolicy GetAccountSummary GetCloudFrontPublicKey
        GetContextKeysForCustomPolicy GetContextKeysForPrincipalPolicy GetCredentialReport
        GetDelegationRequest GetGroup GetGroupPolicy GetHumanReadableSummary GetInstanceProfile
        GetLoginProfile GetMFADevice GetOpenIDConnectProvider GetOrganizationsAccessReport
        GetOutboundWebIdentityFederationInfo GetPolicy GetPolicyVersion GetRole GetRolePolicy
        GetSAMLProvider GetServerCertificate GetServiceLastAccessedDetails
        GetServiceLastAccessedDetailsWithEntities GetServiceLinkedRoleDeletionStatus GetSSHPublicKey
        GetUser GetUserPolicy ListAccessKeys ListAccountAliases ListAttachedGroupPolicies
        ListAttachedRolePolicies ListAttachedUserPolicies ListCloudFrontPublicKeys
        ListDelegationRequests ListEntitiesForPolicy ListGroupPolicies ListGroups ListGroupsForUser
        ListInstanceProfiles ListInstanceProfilesForRole ListInstanceProfileTags ListMFADevices
        ListMFADeviceTags ListOpenIDConnectProviders ListOpenIDConnectProviderTags
        ListOrganizationsFeatures ListPolicies ListPoliciesGrantingServiceAccess ListPolicyTags
        ListPolicyVersions ListRolePolicies ListRoles ListRoleTags ListSAMLProviders
        ListSAMLProviderTags ListServerCertificates ListServerCertificateTags
        ListServiceSpecificCredentials ListSigningCertificates ListSSHPublicKeys
        ListSTSRegionalEndpointsStatus ListUserPolicies ListUsers ListUserTags ListVirtualMFADevices
        PassRole PutGroupPolicy PutRolePermissionsBoundary PutRolePolicy PutUserPermissionsBoundary
        PutUserPolicy RejectDelegationRequest RemoveClientIDFromOpenIDConnectProvider
        RemoveRoleFromInstanceProfile RemoveUserFromGroup ResetServiceSpecificCredential
        ResyncMFADevice SendDelegationToken SetDefaultPolicyVersion
        SetSecurityTokenServicePreferences SetSTSRegionalEndpointStatus SimulateCustomPolicy
        SimulatePrincipalPolicy TagInstanceProfile TagMFADevice TagOpenIDConnectProvider TagPolicy
        TagRole TagSAMLProvider TagServerCertificate TagUser UntagInstanceProfile UntagMFADevice
        UntagOpenIDConnectProvider UntagPolicy UntagRole UntagSAMLProvider UntagServerCertificate
        UntagUser UpdateAccessKey UpdateAccountEmailAddress UpdateAccountName
        UpdateAccountPasswordPolicy UpdateAssumeRolePolicy UpdateCloudFrontPublicKey UpdateGroup
        UpdateLoginProfile UpdateOpenIDConnectProviderThumbprint UpdateRole UpdateRoleDescription
        UpdateSAMLProvider UpdateServerCertificate UpdateServiceSpecificCredential
        UpdateSigningCertificate UpdateSSHPublicKey UpdateUser UploadCloudFrontPublicKey
        UploadServerCertificate UploadSigningCertificate UploadSSHPublicKey
        """),
}
GLOBAL_KEYS = names("""
    aws:AssumedRoot aws:CalledVia aws:CalledViaFirst aws:CalledViaLast aws:ChatbotSourceArn
    aws:CurrentTime aws:Ec2InstanceSourcePrivateIPv4 aws:Ec2InstanceSourceVpc aws:EpochTime
    aws:FederatedProvider aws:MultiFactorAuthAge aws:MultiFactorAuthPresent aws:PrincipalAccount
    aws:PrincipalArn aws:PrincipalIsAWSService aws:PrincipalOrgID aws:PrincipalOrgPaths
    aws:PrincipalServiceName aws:PrincipalServiceNamesList aws:PrincipalTag/* aws:PrincipalType
    aws:referer aws:RequestedRegion aws:RequestTag/* aws:ResourceAccount aws:ResourceOrgID
    aws:ResourceOrgPaths aws:ResourceTag/* aws:SecureTransport aws:SourceAccount aws:SourceArn
    aws:SourceIdentity aws:SourceIp aws:SourceOrgID aws:SourceOrgPaths aws:SourceOwner
    aws:SourceVpc aws:SourceVpcArn aws:SourceVpce aws:TagKeys aws:TokenIssueTime aws:UserAgent
    aws:userid aws:username aws:ViaAWSService aws:VpceAccount aws:VpceOrgID aws:VpceOrgPaths
    aws:VpcSourceIp ec2:RoleDelivery ec2:SourceInstanceArn sts:ExternalId sts:RoleSessionName
    sts:SourceIdentity sts:TransitiveTagKeys
    """)
"""Keys of every service, and of role trust policies; `*` stands for a name of the user's own."""
KMS_KEYS = names("""
    kms:BypassPolicyLockoutSafetyCheck kms:CallerAccount kms:CustomerMasterKeySpec
    kms:CustomerMasterKeyUsage kms:DataKeyPairSpec kms:EncryptionAlgorithm
    kms:EncryptionContext:* kms:EncryptionContextKeys kms:ExpirationModel
    kms:GrantConstraintType kms:GranteePrincipal kms:GrantIsForAWSResource kms:GrantOperations
    kms:KeyAgreementAlgorithm kms:KeyOrigin kms:KeySpec kms:KeyUsage kms:MacAlgorithm
    kms:MessageType kms:MultiRegion kms:MultiRegionKeyType kms:PolicyName kms:PrimaryRegion
    kms:RecipientAttestation:* kms:ReEncryptOnSameKey kms:ReplicaRegion kms:RequestAlias
    kms:ResourceAliases kms:RetiringPrincipal kms:RotationPeriodInDays
    kms:ScheduleKeyDeletionPendingWindowInDays kms:SigningAlgorithm kms:ValidTo kms:ViaService
    kms:WrappingAlgorithm kms:WrappingKeySpec
    """)
S3_KEYS = names("""
    s3:AccessGrantScope s3:AccessGrantsInstanceArn s3:AccessGrantsLocationScope
    s3:AccessPointNetworkOrigin s3:AccessPointTag/* s3:authType s3:BucketTag/*
    s3:DataAccessPointAccount s3:DataAccessPointArn s3:delimiter s3:destinationRegion
    s3:ExistingJobOperation s3:ExistingJobPriority s3:ExistingObjectTag/* s3:if-match
    s3:if-none-match s3:InventoryAccessibleOptionalFields s3:isReplicationPauseRequest
    s3:JobSuspendedCause s3:locationconstraint s3:max-keys s3:object-lock-legal-hold
    s3:object-lock-mode s3:object-lock-remaining-retention-days s3:object-lock-retain-until-date
    s3:ObjectCreationOperation s3:prefix s3:RequestJobOperation s3:RequestJobPriority
    s3:RequestObjectTag/* s3:RequestObjectTagKeys s3:ResourceAccount s3:signatureAge
    s3:signatureversion s3:TlsVersion s3:versionid s3:x-amz-acl s3:x-amz-bucket-namespace
    s3:x-amz-content-sha256 s3:x-amz-copy-source s3:x-amz-grant-full-control s3:x-amz-grant-read
    s3:x-amz-grant-read-acp s3:x-amz-grant-write s3:x-amz-grant-write-acp
    s3:x-amz-metadata-directive s3:x-amz-object-ownership s3:x-amz-server-side-encryption
    s3:x-amz-server-side-encryption-aws-kms-key-id
    s3:x-amz-server-side-encryption-customer-algorithm s3:x-amz-storage-class
    s3:x-amz-website-redirect-location
    """)
