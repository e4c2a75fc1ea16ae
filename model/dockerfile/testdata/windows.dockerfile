# escape=`
FROM mcr.microsoft.com/windows/servercore:ltsc2025
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop';"]
RUN New-Item C:\temp -ItemType Directory ; `
    Remove-Item C:\temp
COPY app.exe C:\app\
ENV A=C:\a `
    B="c d"
CMD ["C:\\app\\app.exe"]
