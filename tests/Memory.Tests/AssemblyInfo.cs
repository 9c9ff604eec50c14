using System.Runtime.Versioning;

// The simulated machine maps its memory the way Linux does.
[assembly: SupportedOSPlatform("linux")]
