"""
The actions that AWS lists for the services a key or a log bucket is reached through.

Source: the "Actions, resources, and condition keys" pages of KMS, S3, IAM and STS in
https://docs.aws.amazon.com/service-authorization/latest/reference/
Condition keys: `access.keys`.
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
        AbortMultipartUpload AllowVendedLogDeliveryForResource AssociateAccessGrantsIdentityCenter
        BypassGovernanceRetention CreateAccessGrant CreateAccessGrantsInstance
        CreateAccessGrantsLocation CreateAccessPoint CreateAccessPointForObjectLambda CreateBucket
        CreateBucketMetadataTableConfiguration CreateJob CreateMultiRegionAccessPoint
        CreateStorageLensGroup DeleteAccessGrant DeleteAccessGrantsInstance
        DeleteAccessGrantsInstanceResourcePolicy DeleteAccessGrantsLocation DeleteAccessPoint
        DeleteAccessPointForObjectLambda DeleteAccessPointPolicy
        DeleteAccessPointPolicyForObjectLambda DeleteBucket DeleteBucketMetadataTableConfiguration
        DeleteBucketPolicy DeleteBucketWebsite DeleteJobTagging DeleteMultiRegionAccessPoint
        DeleteObject DeleteObjectAnnotation DeleteObjectTagging DeleteObjectVersion
        DeleteObjectVersionAnnotation DeleteObjectVersionTagging DeleteStorageLensConfiguration
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
        GetMultiRegionAccessPointRoutes GetObject GetObjectAcl GetObjectAnnotation
        GetObjectAttributes GetObjectLegalHold GetObjectRetention GetObjectTagging GetObjectTorrent
        GetObjectVersion GetObjectVersionAcl GetObjectVersionAnnotation
        GetObjectVersionAnnotationForReplication GetObjectVersionAttributes
        GetObjectVersionForReplication GetObjectVersionTagging GetObjectVersionTorrent
        GetReplicationConfiguration GetStorageLensConfiguration GetStorageLensConfigurationTagging
        GetStorageLensDashboard GetStorageLensGroup InitiateReplication ListAccessGrants
        ListAccessGrantsInstances ListAccessGrantsLocations ListAccessPoints
        ListAccessPointsForObjectLambda ListAllMyBuckets ListBucket ListBucketMultipartUploads
        ListBucketVersions ListCallerAccessGrants ListJobs ListMultipartUploadParts
        ListMultiRegionAccessPoints ListObjectAnnotations ListObjectVersionAnnotations
        ListStorageLensConfigurations ListStorageLensGroups ListTagsForResource
        ObjectOwnerOverrideToBucketOwner PauseReplication PutAccelerateConfiguration
        PutAccessGrantsInstanceResourcePolicy PutAccessPointConfigurationForObjectLambda
        PutAccessPointPolicy PutAccessPointPolicyForObjectLambda PutAccessPointPublicAccessBlock
        PutAccountPublicAccessBlock PutAnalyticsConfiguration PutBucketAbac PutBucketAcl
        PutBucketCORS PutBucketLogging PutBucketNotification PutBucketObjectLockConfiguration
        PutBucketOwnershipControls PutBucketPolicy PutBucketPublicAccessBlock
        PutBucketRequestPayment PutBucketTagging PutBucketVersioning PutBucketWebsite
        PutEncryptionConfiguration PutIntelligentTieringConfiguration PutInventoryConfiguration
        PutJobTagging PutLifecycleConfiguration PutMetricsConfiguration
        PutMultiRegionAccessPointPolicy PutObject PutObjectAcl PutObjectAnnotation
        PutObjectLegalHold PutObjectRetention PutObjectTagging PutObjectVersionAcl
        PutObjectVersionAnnotation PutObjectVersionTagging PutReplicationConfiguration
        PutStorageLensConfiguration PutStorageLensConfigurationTagging ReplicateDelete
        ReplicateObject ReplicateObjectAnnotation ReplicateTags RestoreObject
        SubmitMultiRegionAccessPointRoutes TagResource UntagResource UpdateAccessGrantsLocation
        UpdateBucketMetadataAnnotationTableConfiguration
        UpdateBucketMetadataInventoryTableConfiguration
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
        GetAccountPasswordPolicy GetAccountProperties GetAccountSummary GetCloudFrontPublicKey
        GetContextKeysForCustomPolicy GetContextKeysForPrincipalPolicy GetCredentialReport
        GetDelegationRequest GetGroup GetGroupPolicy GetHumanReadableSummary GetInstanceProfile
        GetLoginProfile GetMFADevice GetOpenIDConnectProvider GetOrganizationsAccessReport
        GetOutboundWebIdentityFederationInfo GetPolicy GetPolicyVersion GetRole GetRolePolicy
        GetRoleTemplateVersion GetSAMLProvider GetServerCertificate GetServiceLastAccessedDetails
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
        PassRole PutAccountProperties PutGroupPolicy PutRolePermissionsBoundary PutRolePolicy
        PutUserPermissionsBoundary PutUserPolicy RejectDelegationRequest
        RemoveClientIDFromOpenIDConnectProvider RemoveRoleFromInstanceProfile RemoveUserFromGroup
        ResetServiceSpecificCredential ResyncMFADevice SendDelegationToken SetDefaultPolicyVersion
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
