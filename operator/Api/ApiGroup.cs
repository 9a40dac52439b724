using MailOperator.Kubernetes;

namespace MailOperator.Api;

/// <summary>The API group of the custom resources, and their resource types.</summary>
internal static class ApiGroup
{
    public const string Name = "mailoperator.io";
    public const string Version = "v1alpha1";

    public static readonly ResourceType DeviceInvitations =
        new(Name, Version, "deviceinvitations", "DeviceInvitation", IsNamespaced: true);

    public static readonly ResourceType MailBackends =
        new(Name, Version, "mailbackends", "MailBackend", IsNamespaced: false);

    public static readonly ResourceType MailDevices =
        new(Name, Version, "maildevices", "MailDevice", IsNamespaced: true);

    public static readonly ResourceType MailUsers =
        new(Name, Version, "mailusers", "MailUser", IsNamespaced: true);
}
